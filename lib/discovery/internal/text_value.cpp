#include "base/ascii.hpp"
#include "discovery/internal/settings_tree.hpp"
#include "discovery/internal/tokens.hpp"

#include <algorithm>

namespace savepoint::discovery {
namespace {

bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_character);
}

Part text_part(std::string_view text) {
  return {Part::Kind::text, std::string(text), std::nullopt};
}

const Part k_unknown{Part::Kind::unknown, {}, std::nullopt};

/// What stands between `${` and `}`: a name, and perhaps a default behind `separator`.
Part braced(std::string_view inside, std::string_view separator) {
  const std::size_t end = std::min(inside.find(separator), inside.size());
  std::string_view name = inside.substr(0, end);
  std::optional<std::string> fallback;
  if (end < inside.size()) {
    fallback = inside.substr(end + separator.size());
  }
  // ${X-default} and ${X:?message} of compose
  for (const std::string_view other : {":?", "?", "-"}) {
    const std::size_t at = separator == ":-" ? name.find(other) : std::string_view::npos;
    if (at != std::string_view::npos && at > 0) {
      fallback = other == "-" ? std::optional<std::string>(name.substr(at + 1)) : std::nullopt;
      name = name.substr(0, at);
    }
  }
  return is_name(name) ? Part{Part::Kind::variable, std::string(name), std::move(fallback)}
                       : k_unknown;
}

Template dollars(std::string_view text, Placeholders placeholders) {
  Template parts;
  std::string literal;
  const bool is_spring = placeholders == Placeholders::spring;
  const auto add = [&](Part part) {
    if (!literal.empty()) {
      parts.push_back(text_part(literal));
      literal.clear();
    }
    parts.push_back(std::move(part));
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const bool is_group =
        rest.starts_with("${") || (placeholders == Placeholders::make && rest.starts_with("$("));
    const std::size_t end =
        is_group ? rest.find(rest[1] == '{' ? '}' : ')') : std::string_view::npos;
    if (end != std::string_view::npos) {
      add(braced(rest.substr(2, end - 2), is_spring ? ":" : ":-"));
      at += end + 1;
    } else if (!is_spring && rest.starts_with("$$")) {
      literal += '$';
      at += 2;
    } else if (placeholders == Placeholders::compose && rest.size() > 1 && rest[0] == '$' &&
               is_name_character(rest[1]) && rest[1] != '-' && rest[1] != '.') {
      std::size_t length = 1;
      while (length < rest.size() && is_name_character(rest[length]) && rest[length] != '-' &&
             rest[length] != '.') {
        ++length;
      }
      add(braced(rest.substr(1, length - 1), ":-"));
      at += length;
    } else {
      literal += text[at++];
    }
  }
  if (!literal.empty() || parts.empty()) {
    parts.push_back(text_part(literal));
  }
  return parts;
}

/// `ENV.fetch("X") { "default" }`, `ENV["X"] || "default"`, and nothing else.
Part embedded_ruby(std::string_view text) {
  std::string code(text);
  std::ranges::replace(code, '{', '('); // so that the default is an argument like others
  std::ranges::replace(code, '}', ')');
  const std::vector<Token> tokens = tokens_of(code, Language::javascript);
  const Value value = value_of(tokens, 0, tokens.size(), Language::javascript);
  const auto is_known = [](const Template& parts) {
    return parts.size() == 1 && parts[0].kind != Part::Kind::unknown;
  };
  if (tokens.empty() || !tokens[0].is_word("ENV") || value.alternatives.empty() ||
      !is_known(value.alternatives[0])) {
    return k_unknown;
  }
  Part part = value.alternatives[0][0];
  if (value.alternatives.size() > 1 && is_known(value.alternatives[1])) {
    part.fallback = value.alternatives[1][0].text;
  }
  return part;
}

/// Replaces `begin … end` by what `read` makes of what is between them.
template <typename Read>
Template enclosed(std::string_view text, std::string_view begin, std::string_view end, Read read) {
  Template parts;
  while (!text.empty()) {
    const std::size_t start = text.find(begin);
    const std::size_t stop = start == std::string_view::npos ? std::string_view::npos
                                                             : text.find(end, start + begin.size());
    if (stop == std::string_view::npos) {
      break;
    }
    if (start > 0) {
      parts.push_back(text_part(text.substr(0, start)));
    }
    parts.push_back(read(text.substr(start + begin.size(), stop - start - begin.size())));
    text.remove_prefix(stop + end.size());
  }
  if (!text.empty() || parts.empty()) {
    parts.push_back(text_part(text));
  }
  return parts;
}

/// `%%` is a percent sign wherever no variable stands.
Template percents(std::string_view text) {
  Template parts = enclosed(text, "%(", ")s", [](std::string_view name) {
    return is_name(name) ? Part{Part::Kind::variable, std::string(name), std::nullopt} : k_unknown;
  });
  for (Part& part : parts) {
    for (std::size_t at = 0;
         part.kind == Part::Kind::text && (at = part.text.find("%%", at)) != std::string::npos;
         ++at) {
      part.text.erase(at, 1);
    }
  }
  return parts;
}

Template read_template(std::string_view text, Placeholders placeholders) {
  switch (placeholders) {
  case Placeholders::none:
    return {text_part(text)};
  case Placeholders::compose:
  case Placeholders::spring:
  case Placeholders::make:
    return dollars(text, placeholders);
  case Placeholders::erb:
    return enclosed(text, "<%=", "%>", [](std::string_view code) {
      const std::size_t first = code.find_first_not_of(k_blank);
      return embedded_ruby(first == std::string_view::npos ? std::string_view()
                                                           : code.substr(first));
    });
  case Placeholders::python:
    return percents(text);
  case Placeholders::supabase:
    if (text.starts_with("env(") && text.ends_with(")")) {
      return {braced(text.substr(4, text.size() - 5), ":")};
    }
    return {text_part(text)};
  }
  return {k_unknown};
}

} // namespace

Value text_value(std::string_view text, Placeholders placeholders, std::size_t line) {
  return {{read_template(text, placeholders)}, {}, line};
}

} // namespace savepoint::discovery
