// The GSM 7-bit alphabet of 3GPP TS 23.038 (default table and its extension), which decides whether an SMS
// holds 160 or 70 characters. parts.cpp asks it for every character. Pure, any thread.
#pragma once

namespace notify::sms {

// 1 for a character of the default table, 2 for one behind the escape, 0 for one that GSM-7 does not have.
int gsm7_septets(char32_t code_point);

}  // namespace notify::sms
