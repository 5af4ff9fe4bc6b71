/**
 * A few questions that show what a method can and cannot do: those that this project's predecessor examined by hand, in
 * our words, and some similar to each. They name no article id, so any build of Wikipedia can be asked; if it lacks the
 * article, every method fails alike.
 */
interface Probe {
  qid: string;
  question: string;
  answers: string[];
  gold_title?: string;
  shows: string;
}

export const PROBES: Probe[] = [
  {
    qid: 'lincoln-beard',
    question: 'Who talked Abraham Lincoln into growing a beard?',
    answers: ['Grace Bedell'],
    shows: 'A fact that several articles tell: whether a method finds the sentence and not only the man.',
  },
  {
    qid: 'lincoln-beard-age',
    question: 'How old was the girl whose letter asked Lincoln to let his whiskers grow?',
    answers: ['11-year-old', '11 years old', 'eleven-year-old', 'eleven years old', 'age of 11', 'aged 11'],
    shows: 'The same fact asked without any of its rare words: meaning has to find what words cannot.',
  },
  {
    qid: 'glacier-caves',
    question: 'How do caves inside a glacier come about?',
    answers: ['meltwater', 'melt water', 'water running through or under the glacier', 'melting'],
    gold_title: 'Glacier cave',
    shows: 'A how-question whose words are all common: keyword search drowns where meaning is near.',
  },
  {
    qid: 'glacier-caves-not-ice-caves',
    question: 'What is the difference between a glacier cave and an ice cave?',
    answers: ['bedrock cave', 'year-round ice', 'bedrock'],
    gold_title: 'Glacier cave',
    shows: 'Two near names in one question: a method must not be content with either article.',
  },
  {
    qid: 'beer-can-pyramid',
    question: 'What is the record for the largest pyramid made of beer cans?',
    answers: ['9,455', '10,660'],
    gold_title: 'Beer can pyramid',
    shows:
      'The passage with the figure stands next to the one that is found: neighbours of a hit are evidence too.',
  },
  {
    qid: 'orange-cats-sex',
    question: 'Why are most orange cats male?',
    answers: ['X chromosome', 'sex-linked', 'X-linked'],
    shows: 'Everyday words for what the text says in terms of genetics.',
  },
  {
    qid: 'orange-cats-word',
    question: 'What gene makes a cat’s fur ginger?',
    answers: [
      'orange gene',
      'O gene',
      'gene O',
      'orange locus',
      'Orange (O)',
      'X-linked',
      'sex-linked',
      'ARHGAP36',
    ],
    shows: 'A synonym (ginger for orange): keyword search has no word to hold on to.',
  },
];
