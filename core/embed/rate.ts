/**
 * Measures how fast this machine embeds, briefly, before a build.
 */
import { type EmbedderOptions, openEmbedder } from './client.ts';

/** Chunks per second, from embedding `texts` once; throws what opening and embedding throw. */
export async function embeddingRate(
  options: EmbedderOptions,
  texts: string[],
  signal?: AbortSignal,
): Promise<number> {
  const embedder = await openEmbedder(options);
  try {
    await embedder.embed(texts.slice(0, 2), 'passage', { signal }); // loads the model
    const started = performance.now();
    await embedder.embed(texts, 'passage', { signal });
    return (texts.length / (performance.now() - started)) * 1_000;
  } finally {
    await embedder.close();
  }
}
