import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent. Everything else is grey, and colour means state. */
const accent: MantineColorsTuple = [
  "#eef0fb",
  "#dde1f6",
  "#bcc4ee",
  "#98a4e6",
  "#7b89de",
  "#6573d8",
  "#4a59cb",
  "#4150bb",
  "#3846a3",
  "#2f3b8a",
];
const gray: MantineColorsTuple = [
  "#f8f8f9",
  "#f1f1f3",
  "#e6e6ea",
  "#d5d5db",
  "#b9b9c2",
  "#8e8e99",
  "#6a6a75",
  "#4d4d57",
  "#2f2f37",
  "#1b1b20",
];
const dark: MantineColorsTuple = [
  "#e8e8ec",
  "#b4b4be",
  "#92929e",
  "#6b6b76",
  "#3a3a43",
  "#2a2a31",
  "#1d1d22",
  "#141417",
  "#0e0e11",
  "#0a0a0c",
];

const system = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";
const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, gray, dark },
  fontFamily: system,
  fontFamilyMonospace: mono,
  headings: { fontFamily: system, fontWeight: "600" },
  fontSizes: { xs: "0.8125rem", sm: "0.875rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 500 } } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 80 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: "md" } },
    // Their heads would be the page's banner a second time.
    Modal: { defaultProps: { radius: "lg", attributes: { header: { role: "none" } } } },
    Drawer: { defaultProps: { attributes: { header: { role: "none" } } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
  },
});

/** The library's own variables where its choice is not readable enough. */
export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#1b1b20",
    "--mantine-color-dimmed": "#5d5d68",
    "--mantine-color-placeholder": "#6f6f7a",
    "--mantine-color-error": "#b3261e",
    // What is disabled, or waits, is read too: 4.5 to 1 like the rest.
    "--mantine-color-disabled": "#ededf0",
    "--mantine-color-disabled-color": "#656570",
  },
  dark: {
    "--mantine-color-body": "#141417",
    "--mantine-color-text": "#e8e8ec",
    "--mantine-color-dimmed": "#a2a2ad",
    "--mantine-color-placeholder": "#8a8a96",
    "--mantine-color-error": "#ff8a80",
    "--mantine-color-disabled": "#2a2a31",
    "--mantine-color-disabled-color": "#a2a2ad",
  },
});
