// Renders the templates of a provider profile: "{name}" from a message or the operator's settings, "{@field}"
// and "{#Header}" from an incoming request, each with filters ("{text|base64}"). Pure. An unknown name
// renders as nothing; braces around anything that is no name stay as they are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify::provider {

/// Looks a placeholder up, without its filters: "api_key", "@SMSID", "#Authorization".
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

enum class Escape { none, url };

/// `escape` is applied to every value, not to the literal text.
std::string render(std::string_view text, const Lookup& lookup, Escape escape = Escape::none);

/// base64, md5 (raw digest), hex; an unknown filter leaves the value as it is.
std::string apply_filter(std::string value, std::string_view filter);

std::string url_encode(std::string_view value);

}  // namespace notify::provider
