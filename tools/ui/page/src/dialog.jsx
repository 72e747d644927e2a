import { useEffect, useRef } from "preact/hooks";

/** A dialog of the browser's own: it holds the focus, and Escape closes it. */
export function Dialog({ title, onClose, busy = false, children }) {
  const box = useRef(null);
  useEffect(() => {
    const back = document.activeElement;
    box.current.showModal();
    return () => back?.focus?.();
  }, []);
  return (
    <dialog
      ref={box}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
      onClose={() => (busy ? box.current?.showModal() : onClose())} // a second Escape closes it without asking
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
