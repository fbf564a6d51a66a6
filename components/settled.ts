import { type Output, output } from "@pulumi/pulumi";

/** A record of outputs once they are known. */
export type Settled<Outputs extends object> = {
  [Key in keyof Outputs]: Outputs[Key] extends Output<infer Value> ? Value : Outputs[Key];
};

export function settled<Outputs extends object>(outputs: Outputs): Output<Settled<Outputs>> {
  return output(outputs) as unknown as Output<Settled<Outputs>>;
}
