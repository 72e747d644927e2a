#include "config/dotenv.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>

namespace savepoint::fuzz {

void fuzz_dotenv(ByteView bytes) {
  using enum config::DotenvDialect;
  const std::string_view text = as_text(bytes);
  const std::vector<config::DotenvSetting> settings = config::dotenv_settings(text);
  for (const std::string& key : config::dotenv_keys(text)) {
    promise(std::ranges::count(settings, key, &config::DotenvSetting::key) > 0,
            "every key is set somewhere");
  }
  const auto look_up = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = std::ranges::find(settings, name, &config::DotenvSetting::key);
    return found == settings.end() ? std::nullopt : std::optional(found->text);
  };
  for (const config::DotenvSetting& setting : settings) {
    for (const auto dialect : {javascript, expanding_javascript, python, go, ruby, shell}) {
      static_cast<void>(config::dotenv_value(setting, dialect, look_up));
    }
  }
}

} // namespace savepoint::fuzz
