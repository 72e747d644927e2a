#include "config/config.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"

namespace savepoint::fuzz {

void fuzz_config(ByteView bytes) {
  unless_refused([&] {
    const json::Value document =
        json::parse(as_text(bytes), "savepoint.json", json::Comments::allow);
    const std::string printed = json::print(document);
    promise(json::print(json::parse(printed, "print")) == printed, "a print reads back as it was");

    config::Config config;
    config::apply(config, document, "savepoint.json");
  });
  unless_refused([&] { static_cast<void>(config::parse_duration(as_text(bytes), "keep_within")); });
  unless_refused([&] { static_cast<void>(config::parse_size(as_text(bytes), "max_size")); });
}

} // namespace savepoint::fuzz
