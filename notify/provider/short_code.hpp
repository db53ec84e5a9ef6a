#pragma once

#include <string>
#include <string_view>

namespace notify::provider {

/// A provider's code as it may be kept and logged: at most 60 printable characters. What no profile knows may
/// be a sentence that names the receiver, so numbers of more than six digits become "*", however they are
/// grouped ("0912.345 678").
std::string short_code(std::string_view code);

}  // namespace notify::provider
