import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useRef } from "react";

/**
 * A window over the page. When it closes, also by being taken out of the page, the focus returns to what opened it, or
 * to the page's content where that is gone.
 */
export function Dialog(props: ModalProps) {
  useFocusReturn(props.opened);
  return <Modal returnFocus={false} closeButtonProps={{ "aria-label": "Close" }} {...props} />;
}

function useFocusReturn(opened: boolean): void {
  const opener = useRef<Element>(null);
  // Read while rendering: the window takes the focus before any effect of this component runs.
  if (opened && !opener.current) opener.current = openerOf(document.activeElement);
  useEffect(() => {
    if (!opened) return;
    return () => {
      const target = opener.current;
      opener.current = null;
      // After the window has let go of the focus. Whoever took it on purpose since then keeps it.
      setTimeout(() => {
        const { activeElement } = document;
        if (activeElement && activeElement !== document.body && !activeElement.closest(".mantine-Modal-root")) return;
        focus(target?.isConnected ? target : document.getElementById("content"));
      });
    };
  }, [opened]);
}

/** A menu closes when one of its items opens a window: the button that shows the menu is what stays. */
function openerOf(element: Element | null): Element | null {
  const menu = element?.closest("[role=menu]");
  return menu?.id ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : element;
}

function focus(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
