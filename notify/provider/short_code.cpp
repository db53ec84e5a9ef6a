#include "notify/provider/short_code.hpp"

#include <cctype>

namespace notify::provider {

std::string short_code(std::string_view code) {
    constexpr std::size_t longest = 60, longest_number = 6;
    std::string plain, number;
    std::size_t digits = 0;
    const auto end_number = [&] {
        if (digits > longest_number) {
            const auto first = number.find_first_of("0123456789"), last = number.find_last_of("0123456789");
            number.replace(first, last + 1 - first, "*");
        }
        plain += number;
        number.clear();
        digits = 0;
    };
    for (const char c : code.substr(0, 2 * longest)) {
        const bool printable = c >= ' ' && c <= '~', digit = c >= '0' && c <= '9';
        const bool word = std::isalpha(static_cast<unsigned char>(c)) != 0;
        if (word) end_number();
        if (printable) (word ? plain : number) += c;
        digits += digit;
    }
    end_number();
    return plain.substr(0, longest);
}

}  // namespace notify::provider
