import type { Check } from "../check.ts";

export const loopback: Check = {
  name: "loopback",
  title: "localhost",
  why: "The programs of a stack find each other, and your browser finds them, by the name localhost.",
  async run({ facts }) {
    const found = await facts.lookup("localhost");
    const fix = 'Make it so in the hosts file: `echo "127.0.0.1 localhost" | sudo tee -a /etc/hosts`';
    if (found.length === 0) return { status: "fail", result: "localhost does not resolve", fix };
    const foreign = found.filter((address) => !address.startsWith("127.") && address !== "::1");
    if (foreign.length > 0) return { status: "fail", result: `localhost resolves to ${foreign.join(", ")}`, fix };
    return { status: "ok", result: `localhost is ${found.join(", ")}`, data: found };
  },
};
