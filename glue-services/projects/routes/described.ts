import { type TObject, type TSchema, Type } from "typebox";

const tags = ["projects"];

/** What a route takes. */
interface Parts {
  params?: TObject;
  querystring?: TObject;
  body?: TSchema;
}

/** A route that reads. */
export function reads<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
  return { auth: { scope: "projects:read" }, schema: { tags, summary, ...taken, response: { 200: answer } } };
}

const write = { scope: "projects:write" };

/** A route that changes something and answers what it is now. */
export function changes<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
  return { auth: write, schema: { tags, summary, ...taken, response: { 200: answer } } };
}

/** A route that makes something. */
export function makes<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
  return { auth: write, schema: { tags, summary, ...taken, response: { 201: answer } } };
}

/** A route that takes something away. */
export function removes<Taken extends Parts>(summary: string, taken: Taken) {
  return { auth: write, schema: { tags, summary, ...taken, response: { 204: Type.Null() } } };
}
