/** The lower of two limits, of which -1 and nothing are none; -1 if neither is one. */
export function lower(one: number, other: number | undefined): number {
  if (other === undefined || other < 0) return one;
  return one < 0 ? other : Math.min(one, other);
}
