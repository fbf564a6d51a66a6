/** What happened in one line for people: without the engine's type of the resource. `./devflow logs run` has all of it. */
export function summary(message: string): string {
  const [first = ""] = message.split("\n", 1);
  return first.replace(/ \((?:devflow|pulumi):[\w:$]+\)/, "");
}
