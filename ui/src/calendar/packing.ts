/** Events that overlap, side by side. */

export interface Block {
  start: number;
  end: number;
}

export interface Placed<T> {
  block: T;
  /** from 0 */
  column: number;
  columns: number;
}

const LEAST = 20; // minutes that even a moment takes on the screen

/** Give each block a column so that none covers another; those that touch nothing have all the room. */
export function packed<T extends Block>(blocks: readonly T[]): Placed<T>[] {
  const sorted = [...blocks].sort((a, b) => a.start - b.start || b.end - a.end);
  const placed: Placed<T>[] = [];
  let group: Placed<T>[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const one of group) one.columns = ends.length;
    group = [];
    ends = [];
  };
  for (const block of sorted) {
    if (ends.length > 0 && ends.every((end) => end <= block.start)) close();
    const free = ends.findIndex((end) => end <= block.start);
    const column = free === -1 ? ends.length : free;
    ends[column] = Math.max(block.end, block.start + LEAST);
    const one = { block, column, columns: 1 };
    group.push(one);
    placed.push(one);
  }
  close();
  return placed;
}
