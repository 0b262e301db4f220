/** Prints what a storm came to: its figures, and each promise that was broken. The script ends with 1 where there is one. */
export function tellVerdict({ wrong, ...figures }: { readonly wrong: readonly string[] }): void {
  console.log(JSON.stringify(figures, undefined, 2));
  for (const line of wrong) console.error(line);
  console.log(wrong.length === 0 ? 'nothing lost' : `${wrong.length} promises broken`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
