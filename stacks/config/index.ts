export { allowed } from "./allowed.ts";
export { answersLayer } from "./answers-layer.ts";
export { nearestPath, parseAssignments } from "./assignment.ts";
export { type AnswersFile, answersFromObject, parseAnswers, parseDocumentOf, sizeLimit } from "./document.ts";
export { variableOf } from "./environment.ts";
export { isLoopback, isRealDomain } from "./formats.ts";
export { flatten, type Leaf, leafPaths, leaves, schemaAt, unflatten } from "./paths.ts";
export { ConfigInvalid, type Problem } from "./problem.ts";
export { type ComponentName, componentNames, memoryOf, type Profile, profiles, runs } from "./profiles.ts";
export { redact } from "./redact.ts";
export {
  type From,
  type Resolution,
  type ResolveInput,
  resolveFlags,
  resolveLeniently,
  resolveSettings,
  type Source,
} from "./resolve.ts";
export { internalPorts } from "./schema/platform.ts";
export { type Answers, type ProfileName, profileNames, Settings } from "./schema.ts";
export { type Finding, validateAnswers } from "./validate.ts";
