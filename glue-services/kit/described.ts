import { type TObject, type TSchema, Type } from "typebox";

/** What a route takes. */
interface Parts {
  params?: TObject;
  querystring?: TObject;
  body?: TSchema;
}

/**
 * Routes that are described in one line each: those that read ask for `<of>:read`, all others for `<of>:write`.
 *
 * @param of what they are about: the tag of the description, and the first part of the scopes
 */
export function describedAs(of: string) {
  const tags = [of];
  const read = { scope: `${of}:read` };
  const write = { scope: `${of}:write` };
  return {
    /** A route that reads. */
    reads<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
      return { auth: read, schema: { tags, summary, ...taken, response: { 200: answer } } };
    },
    /** A route that changes something and answers what it is now. */
    changes<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
      return { auth: write, schema: { tags, summary, ...taken, response: { 200: answer } } };
    },
    /** A route that makes something. */
    makes<Answer extends TSchema, Taken extends Parts>(summary: string, answer: Answer, taken: Taken) {
      return { auth: write, schema: { tags, summary, ...taken, response: { 201: answer } } };
    },
    /** A route that takes something away. */
    removes<Taken extends Parts>(summary: string, taken: Taken) {
      return { auth: write, schema: { tags, summary, ...taken, response: { 204: Type.Null() } } };
    },
  };
}
