// Phone numbers as typed: what is read can be read again in every form we write it in.
#include "notify/phone_number.hpp"
#include "tests/fuzz/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using fuzz::check;
    const auto text = fuzz::text_of(data, size);
    const auto& plan = config::shipped_numbering();
    const auto number = notify::PhoneNumber::parse(text, plan);
    if (!number) {
        check(!to_string(number.error()).empty(), "a refusal has a code");
        check(explain(number.error()).ends_with('.'), "a refusal has a sentence");
        return 0;
    }
    for (const auto& form : {number->e164(), number->national(), number->international()})
        check(notify::PhoneNumber::parse(form, plan) == number, "a number re-parses to itself");
    check(
        number->e164().size() == 12 && number->e164().starts_with("+84"), "a mobile number has nine digits"
    );
    check(notify::PhoneNumber::from_subscriber(number->subscriber()) == *number, "storage keeps the number");
    const auto masked = number->masked();
    check(masked.find(number->national().substr(1, 6)) == std::string::npos, "a mask hides the number");
    const auto again = notify::PhoneNumber::parse(" " + std::string(text) + " ", plan);
    check(again == number, "spaces around a number change nothing");
    return 0;
}
