// Rating: mức độ hài lòng. A citizen's answer on the SIPAS scale, 1 = rất không hài lòng to 5 = rất hài lòng.
// Made by the reader of replies and by the store; a number outside the scale makes none.
// A value: any thread may use it.
#pragma once

#include <compare>
#include <optional>

namespace survey {

class Rating {
public:
    static std::optional<Rating> from(int value) {
        if (value < 1 || value > 5) return std::nullopt;
        return Rating{value};
    }

    int value() const { return value_; }

    friend auto operator<=>(const Rating&, const Rating&) = default;

private:
    explicit Rating(int value) : value_{value} {}

    int value_;
};

}  // namespace survey
