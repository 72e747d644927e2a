import { visible } from "./text.js";

/** A path in a line: where it is too long, it loses its beginning and not the name at its end. */
export function Path({ path, children }) {
  return (
    <span class="pathname" title={visible(path)}>
      <bdi dir="ltr">
        {visible(path)}
        {children}
      </bdi>
    </span>
  );
}
