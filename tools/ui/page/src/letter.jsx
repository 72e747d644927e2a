const k_letters = { added: "A", removed: "D", modified: "M", metadata: "t" };

/** What happened to a file, as git calls it. */
export function Letter({ change }) {
  return (
    <abbr class={`letter ${change}`} title={change}>
      {k_letters[change]}
    </abbr>
  );
}
