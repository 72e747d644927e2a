#include "store/internal/live_chunks.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "store/internal/content_list.hpp"
#include "store/internal/large_object.hpp"
#include "store/tree.hpp"

#include <string>
#include <vector>

namespace savepoint::store {

using manifest::Content;

void LiveChunks::add(const manifest::Manifest& manifest) {
  try {
    add_all(manifest);
  } catch (const CorruptionError& error) {
    const std::string id = manifest.id ? manifest.id->text() : "?";
    throw CorruptionError("cannot tell what snapshot " + savepoint::quoted(id) +
                              " needs: " + error.what(),
                          "`savepoint verify " + id +
                              "` says what is left of it; `savepoint prune "
                              "--snapshot " +
                              id + "` gives it up");
  }
}

void LiveChunks::add_all(const manifest::Manifest& manifest) {
  if (manifest.code) {
    add_tree(manifest.code->tree);
    if (manifest.code->hard_links) {
      static_cast<void>(add_object(*manifest.code->hard_links));
    }
  }
  if (manifest.config && manifest.config->tree) {
    add_tree(*manifest.config->tree);
  }
  if (manifest.git && manifest.git->tree) {
    add_tree(*manifest.git->tree);
  }
  for (const manifest::DatabaseComponent& database : manifest.databases) {
    add_content(database.image);
  }
}

void LiveChunks::add_tree(const hash::Digest& root) {
  std::vector<hash::Digest> waiting = {root};
  while (!waiting.empty()) {
    const hash::Digest id = waiting.back();
    waiting.pop_back();
    if (!trees_.insert(id).second) {
      continue;
    }
    cancellation_->check();
    const Tree tree = decode_tree(add_object(id));
    for (const TreeEntry& entry : tree.entries) {
      if (entry.kind == EntryKind::directory) {
        waiting.push_back(entry.tree);
      } else {
        add_content(entry.content);
      }
    }
  }
}

void LiveChunks::add_content(const Content& content) {
  switch (content.form) {
  case Content::Form::empty:
    return;
  case Content::Form::chunk:
    live_.insert(content.id);
    return;
  case Content::Form::list:
    add_lists(content.id);
    return;
  }
}

void LiveChunks::add_lists(const hash::Digest& root) {
  std::vector<hash::Digest> waiting = {root};
  while (!waiting.empty()) {
    const hash::Digest id = waiting.back();
    waiting.pop_back();
    if (!lists_.insert(id).second) {
      continue;
    }
    cancellation_->check();
    live_.insert(id);
    const ContentList list = decode_content_list(source_->get(id));
    for (const ListEntry& entry : list.entries) {
      if (list.level > 0) {
        waiting.push_back(*entry.id);
      } else if (entry.id) {
        live_.insert(*entry.id);
      }
    }
  }
}

Bytes LiveChunks::add_object(const hash::Digest& id) {
  return get_object(*source_, id, [&](const hash::Digest& chunk) { live_.insert(chunk); });
}

} // namespace savepoint::store
