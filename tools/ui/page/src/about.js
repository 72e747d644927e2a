import { useState } from "preact/hooks";

/** A state that is about `key`: for another one it is `initial` again, from the first time that is drawn. */
export function useStateOf(key, initial) {
  const [state, setState] = useState({ key, value: initial });
  const isOther = state.key !== key;
  if (isOther) setState({ key, value: initial });
  return [isOther ? initial : state.value, (value) => setState({ key, value })];
}
