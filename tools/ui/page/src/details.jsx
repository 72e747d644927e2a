import { Changes } from "./changes.jsx";
import { Files } from "./files.jsx";
import { Overview } from "./overview.jsx";
import { nameOf, titleOf, visible } from "./text.js";

const k_tabs = [["overview", "Overview"], ["changes", "Changes"], ["files", "Files"]];

/** All about the selected snapshot, and what can be done with it. */
export function Details({ snapshot, previous, picked, restores, tab, onTab, onAction, detailsRef }) {
  if (!snapshot) return <section class="details empty" aria-label="Details">Select a snapshot.</section>;
  return (
    <section class="details" aria-label="Details" ref={detailsRef} tabIndex={-1}>
      <header>
        <h2>{titleOf(snapshot)}</h2>
        {snapshot.tags.length > 0 && (
          <ul class="tags" aria-label="Tags">
            {snapshot.tags.map((tag) => (
              <li key={nameOf(tag)} class="chip">
                {visible(tag)}
                <button type="button" aria-label={`Take the tag ${visible(tag)} away`} title="take this tag away" onClick={() => onAction("untag", tag)}>×</button>
              </li>
            ))}
          </ul>
        )}
        <div class="actions">
          <button type="button" class="primary" onClick={() => onAction("restore")}>Restore…</button>
          <button type="button" onClick={() => onAction("pin")}>{snapshot.pinned ? "Unpin" : "Pin"}</button>
          <button type="button" onClick={() => onAction("tag")}>Tag…</button>
          <button type="button" onClick={() => onAction("note")}>Note…</button>
          <button type="button" aria-pressed={picked?.id === snapshot.id} onClick={() => onAction("pick")}>{picked?.id === snapshot.id ? "Picked" : "Pick to compare"}</button>
          <button type="button" class="danger" onClick={() => onAction("delete")}>Delete…</button>
        </div>
        <div class="tabs" role="tablist" aria-label="Views of the snapshot">
          {k_tabs.map(([name, label]) => (
            <button key={name} id={`tab-${name}`} type="button" role="tab" aria-selected={tab === name} aria-controls="view" onClick={() => onTab(name)}>
              {label}
            </button>
          ))}
        </div>
      </header>
      <div id="view" class="view" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "overview" && <Overview snapshot={snapshot} />}
        {tab === "files" && <Files snapshot={snapshot} />}
        {tab === "changes" && <Changes snapshot={snapshot} previous={previous} picked={picked} restores={restores} />}
      </div>
    </section>
  );
}
