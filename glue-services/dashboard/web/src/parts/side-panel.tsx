import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";

/** Details beside the page that they belong to; the page stays where it is. */
export function SidePanel({
  title,
  opened,
  onClose,
  children,
}: {
  title: ReactNode;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={460}
      title={title}
      overlayProps={{ backgroundOpacity: 0.12 }}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 120 }}
    >
      {children}
    </Drawer>
  );
}
