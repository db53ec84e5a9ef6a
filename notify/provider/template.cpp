#include "notify/provider/template.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace notify::provider {
namespace {

std::string base64(const std::string& value) {
    std::string encoded((value.size() + 2) / 3 * 4, '\0');
    EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(encoded.data()),
        reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size())
    );
    return encoded;
}

std::string md5(const std::string& value) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(value.data(), value.size(), digest.data(), &length, EVP_md5(), nullptr);
    return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string hex(const std::string& value) {
    std::string result;
    for (const char c : value)
        result += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return result;
}

// A brace of a JSON text stands for itself.
bool is_placeholder(std::string_view inner) {
    constexpr std::string_view marks = "_-.|";
    if (inner.starts_with('@') || inner.starts_with('#')) inner.remove_prefix(1);
    return !inner.empty() && std::ranges::all_of(inner, [marks](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || marks.find(c) != std::string_view::npos;
    });
}

}  // namespace

std::string apply_filter(std::string value, std::string_view filter) {
    if (filter == "base64") return base64(value);
    if (filter == "md5") return md5(value);
    if (filter == "hex") return hex(value);
    return value;
}

std::string url_encode(std::string_view value) {
    constexpr std::string_view plain = "-_.~";
    std::string result;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool keep = (byte < 0x80 && std::isalnum(byte)) || plain.find(c) != std::string_view::npos;
        if (keep)
            result += c;
        else
            result += fmt::format("%{:02X}", byte);
    }
    return result;
}

std::string render(std::string_view text, const Lookup& lookup, Escape escape) {
    std::string result;
    while (true) {
        const auto open = text.find('{');
        const auto close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) break;
        auto inner = text.substr(open + 1, close - open - 1);
        if (!is_placeholder(inner)) {
            result += text.substr(0, open + 1);
            text.remove_prefix(open + 1);
            continue;
        }
        result += text.substr(0, open);
        const auto name = inner.substr(0, inner.find('|'));
        auto value = lookup(name).value_or("");
        while (inner.find('|') != std::string_view::npos) {
            inner.remove_prefix(inner.find('|') + 1);
            value = apply_filter(std::move(value), inner.substr(0, inner.find('|')));
        }
        result += escape == Escape::url ? url_encode(value) : value;
        text.remove_prefix(close + 1);
    }
    return result += text;
}

}  // namespace notify::provider
