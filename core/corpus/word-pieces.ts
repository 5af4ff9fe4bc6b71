/**
 * The contract by which the chunker counts length: word pieces of the embedding model's own tokenizer.
 */
export interface WordPieces {
  /** Word pieces of `text` without special tokens. */
  count(text: string): number;
}
