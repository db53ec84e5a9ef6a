#include "config/lexicon.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <cstdint>
#include <optional>
#include <set>

#include "config/shipped.hpp"

namespace config {
namespace {

using Mistakes = std::vector<std::string>;

// Reads one file; remembers its name so that each mistake can say where it is.
class Source {
public:
    Source(LexiconFile file, Mistakes& mistakes) : name_{file.name}, mistakes_{mistakes} {
        try {
            root_ = toml::parse(file.content, file.name);
        } catch (const toml::parse_error& error) {
            mistakes_.push_back(
                fmt::format("{}:{}: {}", name_, error.source().begin.line, error.description())
            );
        }
    }

    const toml::table& root() const { return root_; }

    void wrong(const toml::node* node, std::string_view what) const {
        auto line = node != nullptr ? node->source().begin.line : root_.source().begin.line;
        mistakes_.push_back(fmt::format("{}:{}: {}", name_, line, what));
    }

    const toml::table* table(std::string_view key) const {
        auto* node = root_.get(key);
        if (node != nullptr && node->is_table()) return node->as_table();
        wrong(node, fmt::format("there must be a table [{}]", key));
        return nullptr;
    }

    std::string text(const toml::table& in, std::string_view key) const {
        auto* node = in.get(key);
        if (node != nullptr && node->is_string()) return node->as_string()->get();
        wrong(node != nullptr ? node : &in, fmt::format("{} must be a text, as {} = \"…\"", key, key));
        return {};
    }

    std::vector<Phrase> phrases(const toml::node& node, std::string_view key) const {
        std::vector<Phrase> result;
        if (!node.is_array()) {
            wrong(&node, fmt::format("{} must be a list of texts, as {} = [\"…\", \"…\"]", key, key));
            return result;
        }
        for (const auto& item : *node.as_array()) {
            if (!item.is_string()) {
                wrong(&item, fmt::format("every item of {} must be a text", key));
                continue;
            }
            result.push_back({item.as_string()->get(), static_cast<int>(item.source().begin.line)});
        }
        return result;
    }

    std::vector<Phrase> list(const toml::table& in, std::string_view key) const {
        auto* node = in.get(key);
        if (node != nullptr) return phrases(*node, key);
        wrong(&in, fmt::format("{} is missing: a list of texts", key));
        return {};
    }

private:
    std::string name_;
    Mistakes& mistakes_;
    toml::table root_;
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string_view::npos) {
        auto end = std::min(text.find_first_of(" \t\r\n", at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// "khong: ko k hok" is three spellings of "khong".
void read_spellings(const Source& source, const toml::table& fold, Lexicon& lexicon) {
    for (const auto& line : source.list(fold, "spellings")) {
        auto colon = line.pattern.find(": ");
        if (colon == std::string::npos) {
            source.wrong(
                &fold, fmt::format("spelling \"{}\": write \"meant: written written\"", line.pattern)
            );
            continue;
        }
        auto meant = joined(words_of(line.pattern.substr(0, colon)));
        for (auto& written : words_of(line.pattern.substr(colon + 2))) {
            lexicon.spellings.push_back({std::move(written), meant});
        }
    }
}

// "hia long -> hai long"; both sides have as many words.
void read_corrections(const Source& source, const toml::table& fold, Lexicon& lexicon) {
    for (const auto& line : source.list(fold, "corrections")) {
        auto arrow = line.pattern.find(" -> ");
        if (arrow != std::string::npos) {
            auto written = words_of(line.pattern.substr(0, arrow));
            auto meant = words_of(line.pattern.substr(arrow + 4));
            if (!written.empty() && written.size() == meant.size()) {
                lexicon.corrections.push_back({joined(written), joined(meant)});
                continue;
            }
        }
        source.wrong(
            &fold,
            fmt::format(
                "correction \"{}\": write \"two words -> other words\", with as many words on both sides",
                line.pattern
            )
        );
    }
}

void read_fold(const Source& source, Lexicon& lexicon) {
    const auto* fold = source.table("fold");
    if (fold == nullptr) return;
    lexicon.onsets = words_of(source.text(*fold, "onsets"));
    lexicon.rimes = words_of(source.text(*fold, "rimes"));
    for (const auto& line : source.list(*fold, "tolerant"))
        lexicon.tolerant.push_back(line.pattern);
    read_spellings(source, *fold, lexicon);
    read_corrections(source, *fold, lexicon);
}

void read_sets(const Source& source, Lexicon& lexicon) {
    const auto* sets = source.table("sets");
    if (sets == nullptr) return;
    for (const auto& [key, node] : *sets) {
        if (node.is_string()) {
            lexicon.sets[std::string{key.str()}] = node.as_string()->get();
        } else {
            source.wrong(&node, fmt::format("set {} must be one text of words", key.str()));
        }
    }
}

void read_phrases(const Source& source, Lexicon& lexicon) {
    for (const auto* group : {"scale", "tone", "reply"}) {
        const auto* table = source.table(group);
        if (table == nullptr) continue;
        for (const auto& [key, node] : *table) {
            auto purpose = fmt::format("{}.{}", group, key.str());
            lexicon.phrases[purpose] = source.phrases(node, key.str());
        }
    }
}

std::optional<Reason> read_reason(const Source& source, const toml::node& node) {
    if (!node.is_table()) {
        source.wrong(&node, "a reason is a table: [[reason]]");
        return std::nullopt;
    }
    const auto& table = *node.as_table();
    Reason reason;
    reason.code = source.text(table, "code");
    // Codes stand in lists, in tallies and in the heads of CSV columns.
    if (reason.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
        source.wrong(
            table.get("code"), fmt::format("code \"{}\" may hold only a to z, 0 to 9 and _", reason.code)
        );
    reason.label = source.text(table, "label");
    reason.meaning = source.text(table, "meaning");
    reason.sensitive = table["sensitive"].value_or(false);
    reason.phrases = source.list(table, "phrases");
    return reason;
}

void read_reasons(const Source& source, Lexicon& lexicon) {
    const auto* list = source.root().get("reason");
    if (list == nullptr || !list->is_array()) {
        source.wrong(list, "there must be at least one [[reason]]");
        return;
    }
    std::set<std::string> codes;
    for (const auto& node : *list->as_array()) {
        auto reason = read_reason(source, node);
        if (!reason) continue;
        if (!codes.insert(reason->code).second) {
            source.wrong(
                &node, fmt::format("reason {} stands twice: each code may stand once", reason->code)
            );
        }
        lexicon.reasons.push_back(std::move(*reason));
    }
}

std::uint32_t checksum(std::string_view text, std::uint32_t seed = 2166136261U) {
    for (char letter : text)
        seed = (seed ^ static_cast<unsigned char>(letter)) * 16777619U;
    return seed;
}

}  // namespace

std::expected<Lexicon, std::vector<std::string>> load_lexicon(LexiconFile lexicon, LexiconFile reasons) {
    Mistakes mistakes;
    Source words{lexicon, mistakes};
    Source catalogue{reasons, mistakes};
    if (!mistakes.empty()) return std::unexpected{std::move(mistakes)};

    Lexicon result;
    result.version = fmt::format(
        "{}-{:08x}", words.text(words.root(), "version"), checksum(reasons.content, checksum(lexicon.content))
    );
    read_fold(words, result);
    read_sets(words, result);
    read_phrases(words, result);
    read_reasons(catalogue, result);
    if (!mistakes.empty()) return std::unexpected{std::move(mistakes)};
    return result;
}

std::expected<Lexicon, std::vector<std::string>> shipped_lexicon() {
    auto words = shipped_file("lexicon.toml");
    auto reasons = shipped_file("reasons.toml");
    if (!words || !reasons) return std::unexpected{Mistakes{"lexicon.toml or reasons.toml is not shipped"}};
    return load_lexicon({"lexicon.toml", *words}, {"reasons.toml", *reasons});
}

}  // namespace config
