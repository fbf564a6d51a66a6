import { type ComponentResource, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { frontDoorAnnotations, gatewayName, listenerName } from "../kubernetes/front-door.ts";
import { metadata, object } from "../kubernetes/object.ts";
import { allowFrontDoor } from "../kubernetes/policy.ts";
import { type RouteArgs, type RouteOutputs, routeUrl } from "./index.ts";

/** An HTTPRoute of the stack's Gateway, or an Ingress. Only the front door's controller may reach the workload by it. */
export function kubernetes(name: string, args: RouteArgs, parent: ComponentResource): RouteOutputs {
  const { frontDoor } = surroundings("kubernetes");
  const url = routeUrl(args.proxy, args.subdomain);
  const host = new URL(url).hostname;
  const secure = args.proxy.scheme === "https";
  frontDoor.admit(host);
  const backend = output(args.upstream).apply(serviceOf);
  allowFrontDoor(name, backend, parent);
  const route = frontDoor.kind === "gateway" ? httpRoute() : ingress();
  return { url: route.apply(() => url) };

  function httpRoute() {
    const { CustomResource } = sdk.kubernetes().apiextensions;
    return object(
      CustomResource,
      name,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: metadata(name),
        spec: {
          parentRefs: [{ name: gatewayName, sectionName: secure ? listenerName(host) : "http" }],
          hostnames: [host],
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/" } }],
              // A front door that does not set it hands on what the client wrote, and some programs prefer it.
              filters: [{ type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["X-Real-IP"] } }],
              backendRefs: [{ name: backend.name, port: backend.port }],
              // Pushes, streams of models and live pages take as long as they take.
              timeouts: { request: "0s" },
            },
          ],
        },
      },
      parent,
    ).id;
  }

  function ingress() {
    const { Ingress } = sdk.kubernetes().networking.v1;
    const service = { name: backend.name, port: { number: backend.port } };
    return object(
      Ingress,
      name,
      {
        // An Ingress has an address only when its controller has one, which some never write down.
        metadata: metadata(name, name, { "pulumi.com/skipAwait": "true", ...frontDoorAnnotations(secure) }),
        spec: {
          ingressClassName: frontDoor.class,
          ...(secure && { tls: [{ hosts: [host], secretName: `${name}-tls` }] }),
          rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }],
        },
      },
      parent,
    ).id;
  }
}

function serviceOf(upstream: string): { name: string; port: number } {
  const [name = "", port = ""] = upstream.split(":");
  return { name, port: Number(port) };
}
