import { useEffect, useRef } from "preact/hooks";

/** Escape does something, wherever the focus is but in a field or a dialog, which have a use for it themselves. */
function useEscape(does) {
  useEffect(() => {
    const hear = (event) => event.key === "Escape" && !event.target.closest?.("input, select, dialog") && does();
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  });
}

/** What is looked at in place of a list: it takes the focus for each `subject`, and Escape leads `back`. */
export function Inner({ label, back, heading, steps, subject, onClose, children }) {
  const box = useRef(null);
  useEscape(onClose);
  useEffect(() => box.current.focus(), [subject]);
  return (
    <section class="inner" aria-label={label} ref={box} tabIndex={-1}>
      <header>
        <button type="button" onClick={onClose}>← {back}</button>
        <h3>{heading}</h3>
        {steps}
      </header>
      {children}
    </section>
  );
}
