import type { Options } from "../knowledge/input.ts";
import type { Command, Option } from "./command.ts";
import { where } from "./where.ts";

const narrowed: Option[] = [
  { flags: "--source <source>", description: "only this source: its id or name", repeatable: true },
  { flags: "--tag <tag>", description: "only sources with this tag", repeatable: true },
];

export const knowledge: Command<Options> = {
  name: "knowledge",
  summary: "Add sites, repositories and files to the knowledge base, search it, and ask it",
  examples: [
    { command: "./devflow knowledge add https://docs.example.com/guide/", does: "read a site from there on" },
    { command: "./devflow knowledge search how is a key rotated", does: "find passages by meaning and by words" },
    { command: './devflow knowledge ask "How is a key rotated?"', does: "an answer with the places it rests on" },
  ],
  subcommands: [
    {
      name: "add",
      summary: "Add a site, a repository of Code or files, and wait until they are read",
      arguments: [
        {
          name: "what",
          description: "an address, owner/name of a repository, or files",
          required: true,
          variadic: true,
        },
      ],
      options: [
        ...where,
        {
          flags: "--kind <kind>",
          description: "what it is, where that is not clear",
          choices: ["site", "git", "files"],
        },
        { flags: "--name <name>", description: "name of the source (default: its address)" },
        { flags: "--tag <tag>", description: "a tag to search by later", repeatable: true },
        { flags: "--max-pages <count>", description: "pages of a site at most (default: 500)" },
        {
          flags: "--refresh <hours>",
          description: "read again after so many hours (default: 6 for a repository, never for a site)",
        },
        { flags: "--detach", description: "do not wait until it is read" },
      ],
      examples: [
        { command: "./devflow knowledge add platform/handbook", does: "a repository of Code, again at every push" },
        { command: "./devflow knowledge add guide.pdf notes.md --name Manuals", does: "files, into a source Manuals" },
        {
          command: "./devflow knowledge add https://example.com/docs/ --refresh 24 --detach",
          does: "read it every day, and do not wait",
        },
      ],
      run: async (input) => (await import("../knowledge/add.ts")).add(input),
    },
    {
      name: "search",
      summary: "Find passages by meaning and by words",
      arguments: [
        {
          name: "words",
          description: 'a question, words, or "a phrase" that must be there',
          required: true,
          variadic: true,
        },
      ],
      options: [
        ...where,
        ...narrowed,
        {
          flags: "--kind <kind>",
          description: "only such passages: code finds examples",
          choices: ["prose", "code", "table"],
        },
        { flags: "-n, --limit <count>", description: "passages at most", default: "8" },
      ],
      examples: [
        { command: "./devflow knowledge search parse a date --kind code", does: "examples of code" },
        { command: "./devflow knowledge search backup --json", does: "whole passages as data" },
      ],
      run: async (input) => (await import("../knowledge/search.ts")).search(input),
    },
    {
      name: "sources",
      summary: "List what the knowledge base is made of, and how far each is read",
      options: where,
      examples: [{ command: "./devflow knowledge sources", does: "name, pages, state, last reading" }],
      run: async (input) => (await import("../knowledge/sources.ts")).listSources(input),
    },
    {
      name: "ask",
      summary: "Answer a question from what is found, with citations",
      arguments: [{ name: "question", description: "the question (default: standard input)", variadic: true }],
      options: [...where, ...narrowed],
      examples: [{ command: './devflow knowledge ask "Who approves a release?"', does: "nothing is made up" }],
      run: async (input) => (await import("../knowledge/ask.ts")).ask(input),
    },
  ],
};
