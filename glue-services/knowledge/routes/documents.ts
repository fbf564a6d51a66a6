import { Type } from "typebox";
import { describedAs } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import {
  addDocument,
  changeDocument,
  findDocuments,
  listVersions,
  readDocument,
  readVersion,
  removeDocument,
  restoreVersion,
} from "../projects/documents.ts";
import { DocumentChange, DocumentGiven, DocumentTold, VersionTold } from "../projects/schemas.ts";
import { ById, Id } from "../schemas.ts";

const { changes, makes, reads, removes } = describedAs("projects");

const AtVersion = Type.Object({ id: Id, version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });
/** Bytes of a document that is sent. */
const bodyLimit = 2 * 1024 * 1024;

/** Documents of projects, with every version. */
export function documentRoutes(on: Knowledge): void {
  const { app, tell } = on;

  app.get(
    "/api/knowledge/projects/:id/documents",
    reads("Documents of a project", Type.Array(DocumentTold), { params: ById }),
    ({ identity, params }) => findDocuments(on, identity, { project: params.id }),
  );

  app.post(
    "/api/knowledge/projects/:id/documents",
    { bodyLimit, ...makes("Add a document", DocumentTold, { params: ById, body: DocumentGiven }) },
    async ({ identity, params, body }, reply) => {
      const document = await addDocument(on, identity, params.id, body);
      tell(identity, { project: params.id });
      return reply.code(201).send(document);
    },
  );

  app.get(
    "/api/knowledge/documents/:id",
    reads("One document", DocumentTold, { params: ById }),
    ({ identity, params }) => readDocument(on, identity, params.id),
  );

  app.patch(
    "/api/knowledge/documents/:id",
    {
      bodyLimit,
      ...changes("Change a document; the former version is kept", DocumentTold, { params: ById, body: DocumentChange }),
    },
    async ({ identity, params, body }) => {
      const document = await changeDocument(on, identity, params.id, body);
      tell(identity, { project: document.project });
      return document;
    },
  );

  app.get(
    "/api/knowledge/documents/:id/versions",
    reads("Versions of a document, the newest first", Type.Array(VersionTold), { params: ById }),
    ({ identity, params }) => listVersions(on, identity, params.id),
  );

  app.get(
    "/api/knowledge/documents/:id/versions/:version",
    reads("A former version", DocumentGiven, { params: AtVersion }),
    ({ identity, params }) => readVersion(on, identity, params.id, params.version),
  );

  app.post(
    "/api/knowledge/documents/:id/versions/:version/restore",
    changes("Make a former version the newest", DocumentTold, { params: AtVersion }),
    async ({ identity, params }) => {
      const document = await restoreVersion(on, identity, params.id, params.version);
      tell(identity, { project: document.project });
      return document;
    },
  );

  app.delete(
    "/api/knowledge/documents/:id",
    removes("Delete a document and its versions", { params: ById }),
    async ({ identity, params }, reply) => {
      const { project } = await readDocument(on, identity, params.id);
      await removeDocument(on, identity, params.id);
      tell(identity, { project });
      return reply.code(204).send(null);
    },
  );
}
