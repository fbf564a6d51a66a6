import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { dependenciesQuery, type Edge, statusQuery } from "../../api/queries.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { scrollable } from "../../parts/scrollable.ts";
import { StateMark, toneOf } from "../../parts/state-mark.tsx";
import { layout } from "./graph-layout.ts";

/** What a component needs and who needs it, as a drawing and in words. */
export function Dependencies({ component }: { component: string }) {
  const query = useQuery(dependenciesQuery);
  const { data: status } = useQuery(statusQuery);
  const stateOf = (name: string) => status?.components.find((one) => one.name === name)?.state ?? "unknown";
  return (
    <Answer query={query}>
      {(edges) => {
        const needs = [...new Set(edges.filter(({ from }) => from === component).map(({ to }) => to))];
        const needed = [...new Set(edges.filter(({ to }) => to === component).map(({ from }) => from))];
        if (needs.length + needed.length === 0) {
          return (
            <Empty title={`${component} stands alone`}>
              It needs no other component to start, and none waits for it.
            </Empty>
          );
        }
        return (
          <div className="dependencies">
            <Graph edges={edges} current={component} stateOf={stateOf} />
            <div className="columns">
              <List title="It needs" names={needs} stateOf={stateOf} nothing="Nothing." />
              <List title="Needed by" names={needed} stateOf={stateOf} nothing="Nobody." />
            </div>
          </div>
        );
      }}
    </Answer>
  );
}

interface Props {
  title: string;
  names: string[];
  nothing: string;
  stateOf: (name: string) => string;
}

function List({ title, names, nothing, stateOf }: Props) {
  return (
    <section>
      <h2 className="subtitle">{title}</h2>
      {names.length === 0 && <p className="quiet">{nothing}</p>}
      <ul className="plain-list">
        {names.map((name) => (
          <li key={name} className="row">
            <Link to="/components/$name" params={{ name }} search={{ tab: "dependencies" }}>
              {name}
            </Link>
            <StateMark state={stateOf(name)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whoever is needed stands to the right of those that need it. The lists below say the same in words. */
function Graph({
  edges,
  current,
  stateOf,
}: {
  edges: readonly Edge[];
  current: string;
  stateOf: (name: string) => string;
}) {
  const { nodes, width, height, size } = layout(edges);
  const at = new Map(nodes.map((node) => [node.name, node]));
  return (
    <section className="graph" {...scrollable} aria-label="Drawing of the dependencies">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <title>Dependencies</title>
        {edges.map(({ from, to }) => {
          const a = at.get(from);
          const b = at.get(to);
          if (!a || !b) return null;
          const x1 = a.x + size.width;
          const y1 = a.y + size.height / 2;
          const y2 = b.y + size.height / 2;
          const bend = Math.max(24, (b.x - x1) / 2);
          const own = from === current || to === current;
          return (
            <path
              key={`${from} ${to}`}
              className={own ? "edge edge-own" : "edge"}
              d={`M${x1} ${y1}C${x1 + bend} ${y1} ${b.x - bend} ${y2} ${b.x - 5} ${y2}m-5 -4 5 4-5 4`}
            />
          );
        })}
        {nodes.map(({ name, x, y }) => (
          <g key={name} transform={`translate(${x} ${y})`} className={name === current ? "node node-own" : "node"}>
            <rect width={size.width} height={size.height} rx="6" />
            <circle cx="14" cy={size.height / 2} r="4" className={`dot state-${toneOf(stateOf(name))}`} />
            <text x="26" y={size.height / 2 + 4.5}>
              {name}
            </text>
          </g>
        ))}
      </svg>
    </section>
  );
}
