import { describe, expect, test } from 'vitest';
import { otherLanguage } from '../../core/question/asked-language.ts';

describe('otherLanguage', () => {
  test.each([
    ['Wer riet Abraham Lincoln, sich einen Bart wachsen zu lassen?', 'de'],
    ['Où est né Einstein ?', 'fr'],
    ['¿Quién aconsejó a Lincoln que se dejara crecer la barba?', 'es'],
    ['Кто посоветовал Линкольну отрастить бороду?', 'ru'],
    ['リンカーンにひげを生やすよう助言したのは誰ですか', 'ja'],
  ])('hears that “%s” is %s where English was expected', async (question, tag) => {
    expect(await otherLanguage(question, ['en'])).toBe(tag);
  });

  test.each([
    'When did Otto von Bismarck die?',
    'Where was Ludwig van Beethoven born?',
    'Otto von Bismarck',
    'who wrote cien años de soledad',
    'what is a coup de grâce',
    'albedo',
    '…',
  ])('takes “%s” for English that names something, or for too little to tell', async (question) => {
    expect(await otherLanguage(question, ['en'])).toBeUndefined();
  });

  test('expects any of several languages, by their whole tags', async () => {
    expect(await otherLanguage('Wann wurde das Ulmer Münster gebaut?', ['en-GB', 'de-AT'])).toBeUndefined();
    expect(await otherLanguage('Gdzie urodził się Einstein?', ['en-GB', 'de-AT'])).toBe('pl');
  });

  test.each([[[]], [['*']], [['ceb']], [['English']], [['?']]])(
    'expects everything of %j',
    async (expected) => {
      expect(await otherLanguage('Wann wurde das Ulmer Münster gebaut?', expected)).toBeUndefined();
    },
  );
});
