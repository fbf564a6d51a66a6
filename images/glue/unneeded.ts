import { relative, sep } from "node:path";

/** Builds that nothing of ours asks for, in packages that carry several: where they are large, by package or scope. */
const otherBuilds: Record<string, string[]> = {
  // Its encodings are modules that are imported; texts and sources they were made of come along.
  "gpt-tokenizer": ["cjs", "data", "src"],
  // Fields that only bundlers know name them.
  "@opentelemetry": ["build/esm", "build/esnext"],
};

/**
 * Tells what of a package the image needs: its own packages come by themselves, what people read and debug with stays out,
 * and Node runs no TypeScript of packages.
 */
export function isNeeded(name: string, folder: string): (source: string) => boolean {
  const others = otherBuilds[name] ?? otherBuilds[name.split("/")[0] ?? ""] ?? [];
  return (source) => {
    const path = relative(folder, source).split(sep).join("/");
    if (path.split("/").includes("node_modules") || others.includes(path)) return false;
    return !/\.(map|[mc]?ts|md|markdown|tsbuildinfo)$|(^|\/)(test|tests|__tests__|\.github)(\/|$)/.test(path);
  };
}
