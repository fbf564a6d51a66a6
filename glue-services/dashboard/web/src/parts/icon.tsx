/** Sixteen by sixteen, drawn with the text's colour. Decoration: the word beside it says what it means. */
const paths = {
  overview: "M2.5 7.5 8 3l5.5 4.5V13a.5.5 0 0 1-.5.5H9.5v-4h-3v4H3a.5.5 0 0 1-.5-.5z",
  runs: "M4 3.2v9.6l8-4.8z",
  events: "M9 2 3.5 9H8l-1 5 5.5-7H8z",
  people:
    "M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.8 13c.3-2.3 1.9-3.6 4.2-3.6s3.900 1.300 4.200 3.600M10.500 3.200a2.300 2.300 0 0 1 0 4.100M12 9.700c1.300.5 2.100 1.700 2.300 3.300",
  organisations: "M3 13.500v-10h6v10M9 6.500h4v7M1.500 13.500h13M5 6h2M5 8.500h2M5 11h2M11 9h.01M11 11h.01",
  keys: "M9.600 6.400a3.100 3.100 0 1 0-2.700 3.100l1 .900h1.300v1.300h1.300V13h2.700v-2.200L9.500 7.300c.1-.3.1-.6.1-.9ZM5.600 5.300h.01",
  secrets:
    "M4 7.200h8a.6.6 0 0 1 .6.6v5a.6.6 0 0 1-.6.6H4a.6.6 0 0 1-.6-.6v-5a.6.6 0 0 1 .6-.6ZM5.300 7V5.100a2.700 2.700 0 0 1 5.400 0V7",
  audit: "M4 2.500h5.500L12.500 5.500v8H4zM6.300 7.500h4M6.300 10h4",
  settings: "M2.500 4.500h6M11.500 4.500h2M2.500 11.500h2M7.500 11.500h6M10 3v3M6 10v3",
  docs: "M3 3h4a1.500 1.500 0 0 1 1 .500A1.500 1.500 0 0 1 9 3h4v9.500H9.300a1.300 1.300 0 0 0-1.300.800 1.300 1.300 0 0 0-1.300-.800H3zM8 3.500v9.500",
  sessions: "M2.500 3.500h11v7h-11zM6 13.500h4M8 10.500v3",
  account:
    "M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8ZM3 13.500c.4-2.500 2.300-3.800 5-3.800s4.600 1.300 5 3.800",
  code: "M5.500 4.500 2 8l3.500 3.500M10.500 4.500 14 8l-3.500 3.500",
  hub: "M8 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM3.500 13a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM12.500 13a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM7.300 5.300 4.300 10M8.700 5.300l3 4.700M5 11.500h6",
  runtime: "M2.500 3h11v4h-11zM2.500 9h11v4h-11zM5 5h.01M5 11h.01",
  analytics: "M3 13V8M6.300 13V3M9.700 13V6M13 13V9.500",
  projects: "M2.500 3h3v10h-3zM6.500 3h3v7h-3zM10.500 3h3v5h-3z",
  knowledge: "M4 2.500h8.500v11H4zM6 2.500v11M8 5.500h2.500M8 8h2.500",
  chat: "M2.500 3.500h11v7H8l-3 2.500v-2.500H2.500z",
  platform: "M8 2 2.500 5 8 8l5.500-3zM2.500 8 8 11l5.500-3M2.500 11 8 14l5.500-3",
  search: "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM10.300 10.300l3.200 3.200",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  check: "M3 8.500 6.500 12 13 4.500",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4 6.500 8 10.500 12 6.500",
  right: "M6.500 4 10.500 8 6.500 12",
  up: "M4 9.500 8 5.500 12 9.500",
  download: "M8 2.500v7.500M4.500 7 8 10.500 11.500 7M3 13.500h10",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  play: "M4.500 3v10l8-5z",
  restart: "M13 8a5 5 0 1 1-1.700-3.700M13 2.500v3h-3",
  external: "M6 3.500H3v9.500h9.500v-3M9 2.500h4.500V7M13 3 7.500 8.500",
  sun: "M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600ZM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M12.600 3.400l-1 1M4.400 11.600l-1 1",
  menu: "M2.500 4h11M2.500 8h11M2.500 12h11",
  plus: "M8 3v10M3 8h10",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  warning: "M8 2.500 14 13H2zM8 6.500v3M8 11.300h.01",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
