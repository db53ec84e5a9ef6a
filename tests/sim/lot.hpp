// Chance without a generator: the same seed and the same words always draw the same lot. So an SMS meets the
// same fate however often the simulator is restarted and in whatever order requests arrive. Pure, any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace sim {

class Lot {
public:
    explicit Lot(std::uint64_t seed) : seed_(seed) {}

    std::uint64_t number(std::initializer_list<std::string_view> words) const {
        std::uint64_t hash = 0xcbf29ce484222325U ^ seed_;
        for (const auto word : words) {
            for (const char c : word)
                hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
            hash = (hash ^ 0xFFU) * 0x100000001b3U;
        }
        hash += 0x9e3779b97f4a7c15U;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
        return hash ^ (hash >> 31);
    }

    // At least 0, below 1.
    double share(std::initializer_list<std::string_view> words) const {
        return static_cast<double>(number(words) >> 11) * 0x1.0p-53;
    }

    bool chance(double rate, std::initializer_list<std::string_view> words) const {
        return share(words) < rate;
    }

    std::uint64_t between(
        std::uint64_t low, std::uint64_t high, std::initializer_list<std::string_view> words
    ) const {
        return high <= low ? low : low + number(words) % (high - low + 1);
    }

private:
    std::uint64_t seed_;
};

}  // namespace sim
