import { Type } from "typebox";

/** Parts of the tools' inputs. Ids are spelled as a pattern: not every client knows formats. */
const pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
export const Uuid = (description: string) => Type.String({ pattern, description });
export const Words = Type.Optional(
  Type.String({ maxLength: 200, description: "Only those with these words, exactly as written." }),
);
export const Limit = (fallback: number, most: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, description: `How many at most; ${fallback} by default.` }));
