import { useEffect } from "preact/hooks";

/** Escape does something, wherever the focus is but in a field or a dialog, which have a use for it themselves. */
export function useEscape(does) {
  useEffect(() => {
    const hear = (event) => event.key === "Escape" && !event.target.closest?.("input, select, dialog") && does();
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  });
}
