/** A consumer is known by its store and its id together: a copied flow has the same node ids. */
export function consumerKey(storeName: string, consumerId: string): string {
  return `${storeName}\n${consumerId}`;
}
