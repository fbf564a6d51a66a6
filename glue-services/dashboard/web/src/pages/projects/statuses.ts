/** The columns of a board, in their order. */
export const statuses = [
  ["todo", "To do"],
  ["doing", "Doing"],
  ["review", "In review"],
  ["done", "Done"],
] as const;
export type Status = (typeof statuses)[number][0];
