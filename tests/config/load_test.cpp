#include "config/load.hpp"

#include "config/shipped.hpp"
#include "tests/support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

std::vector<std::string> problems_of(const TemporaryFolder& folder, const std::string& content) {
    const auto settings = config::load(folder.write("hoiam.toml", content));
    return settings ? std::vector<std::string>() : settings.error();
}

TEST(Load, the_shipped_configuration_and_every_shipped_profile_are_good) {
    EXPECT_TRUE(config::load(config::default_file()).has_value());
    for (const auto& file : config::shipped_files()) {
        if (!file.name.starts_with("providers/")) continue;
        const auto profile = config::parse_profile(file.content, file.name);
        EXPECT_TRUE(profile.has_value()) << file.name << ": " << (profile ? "" : profile.error().front());
    }
}

TEST(Load, every_mistake_is_named_at_once_with_file_line_and_key) {
    const TemporaryFolder folder;
    const auto problems = problems_of(folder, R"([server]
listen = "8080"
colour = "red"
[organisation]
name = 5
units = "units/nowhere.csv"
[survey]
delay = "soon"
[inbound]
number = "8079"
[[provider]]
profile = "esms"
)");
    EXPECT_THAT(
        problems, Contains(AllOf(HasSubstr("hoiam.toml:2: server.listen"), HasSubstr("127.0.0.1:8080")))
    );
    EXPECT_THAT(
        problems, Contains(AllOf(HasSubstr("hoiam.toml:3: server.colour"), HasSubstr("not a known key")))
    );
    EXPECT_THAT(
        problems, Contains(AllOf(HasSubstr("hoiam.toml:5: organisation.name"), HasSubstr("text in quotes")))
    );
    EXPECT_THAT(problems, Contains(HasSubstr("hoiam.toml:6: organisation.units: no file units/nowhere.csv")));
    EXPECT_THAT(problems, Contains(HasSubstr("hoiam.toml:8: survey.delay")));
    EXPECT_THAT(problems, Contains(HasSubstr("api_key is missing")));
    EXPECT_THAT(problems, Contains(HasSubstr("brandname is missing")));
}

TEST(Load, a_time_limit_of_nothing_is_refused) {
    const TemporaryFolder folder;
    const auto problems = problems_of(
        folder,
        "[server]\nread_timeout = \"0s\"\n" + testing_support::esms_configuration +
            "[survey]\nexpires_after = \"0d\"\n[[provider]]\nprofile = \"kannel\"\ntimeout = \"0ms\"\n"
    );
    EXPECT_THAT(problems, Contains(HasSubstr("server.read_timeout: must be longer than 0")));
    EXPECT_THAT(problems, Contains(HasSubstr("survey.expires_after: must be longer than 0")));
    EXPECT_THAT(problems, Contains(HasSubstr("provider.timeout: must be longer than 0")));
}

TEST(Load, retention_takes_durations_and_never_and_names_what_would_be_sent_or_asked_again) {
    const TemporaryFolder folder;
    const auto with = [&](const std::string& retention) {
        return problems_of(folder, "[retention]\n" + retention + testing_support::esms_configuration);
    };
    EXPECT_TRUE(with("").empty());
    EXPECT_TRUE(with("messages = \"365d\"\npersonal_data = \"never\"\n").empty());
    EXPECT_THAT(
        with("messages = \"2y\"\n"), Contains(HasSubstr("hoiam.toml:2: retention.messages: must be"))
    );
    EXPECT_THAT(
        with("personal_data = \"1d\"\n"), Contains(HasSubstr("hoiam.toml:2: retention.personal_data"))
    );
    EXPECT_THAT(with("messages = \"never\"\n"), Contains(HasSubstr("carries its citizen's number")));
    EXPECT_THAT(
        with("messages = \"30d\"\npersonal_data = \"30d\"\n"), Contains(HasSubstr("survey.recontact_days"))
    );
    EXPECT_THAT(
        with("messages = \"60d\"\n[notify]\nstale_after = \"59d\"\n"),
        Contains(HasSubstr("notify.stale_after"))
    );
}

TEST(Load, a_folder_where_a_file_should_be_is_no_file) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "units");
    EXPECT_THAT(
        problems_of(folder, "[organisation]\nname = \"UBND\"\nunits = \"units\"\n"),
        Contains(HasSubstr("hoiam.toml:3: organisation.units: no file units"))
    );
}

TEST(Load, a_syntax_error_names_its_line) {
    const TemporaryFolder folder;
    EXPECT_THAT(problems_of(folder, "[server]\nlisten = \n"), Contains(HasSubstr("hoiam.toml:2:")));
}

TEST(Load, secrets_come_from_the_environment_and_a_missing_one_is_named) {
    const TemporaryFolder folder;
    auto content = testing_support::esms_configuration;
    content.replace(content.find("\"k\""), 3, "\"${HOIAM_TEST_KEY}\"");
    ::unsetenv("HOIAM_TEST_KEY");
    EXPECT_THAT(
        problems_of(folder, content),
        Contains(HasSubstr("the environment variable HOIAM_TEST_KEY is not set"))
    );
    ::setenv("HOIAM_TEST_KEY", "secret", 1);
    const auto settings = config::load(folder.write("hoiam.toml", content));
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->providers.front().values.at("api_key"), "secret");
}

TEST(Load, a_file_beside_the_configuration_wins_over_the_shipped_one) {
    const TemporaryFolder folder;
    folder.write(
        "units/tan-uyen.csv", "code,name,valid_from,valid_to,successors\n10000,Xã Thử,2000-01-01,,\n"
    );
    const auto settings = config::load(folder.write("hoiam.toml", testing_support::esms_configuration));
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->organisation.units.all().size(), 1U);
}

TEST(Load, a_survey_without_a_number_to_reply_to_is_a_mistake) {
    const TemporaryFolder folder;
    const auto problems =
        problems_of(folder, "[organisation]\nname = \"UBND\"\nunits = \"units/tan-uyen.csv\"\n");
    EXPECT_THAT(problems, Contains(HasSubstr("a survey names the number to reply to")));
}

TEST(Load, a_text_with_an_unknown_variable_is_a_mistake) {
    const TemporaryFolder folder;
    const auto problems = problems_of(
        folder, testing_support::esms_configuration +
                    "[notify.texts]\nresult_ready = \"{dosier}\"\nunheard_of = \"x\"\n"
    );
    EXPECT_THAT(problems, Contains(HasSubstr("no variable is called {dosier}")));
    EXPECT_THAT(problems, Contains(HasSubstr("notify.texts.unheard_of: no situation has this name")));
}

TEST(Load, situations_can_be_switched_off_and_texts_overridden) {
    const TemporaryFolder folder;
    const auto settings = testing_support::settings_of(
        folder, testing_support::esms_configuration +
                    "[notify]\noff = [\"late\"]\n[notify.texts]\nresult_ready = \"{dossier} xong\"\n"
    );
    EXPECT_FALSE(settings.notify.catalogue.situations.at("late").on);
    EXPECT_EQ(settings.notify.catalogue.situations.at("result_ready").texts.front(), "{dossier} xong");
}

TEST(Load, a_callback_url_carries_the_providers_token) {
    const TemporaryFolder folder;
    auto content = testing_support::esms_configuration;
    content.replace(content.find("private_key = \"p\""), 17, "private_key = \"p\", hook_token = \"t0\"");
    const auto settings = testing_support::settings_of(folder, content);
    EXPECT_EQ(
        settings.providers.front().values.at("report_url"), "http://127.0.0.1:8080/hooks/esms/report?token=t0"
    );
}

TEST(Profile, an_unknown_class_and_a_missing_part_are_named) {
    const auto profile = config::parse_profile(
        "name = \"x\"\n[request]\nurl = \"{base_url}\"\n[answer]\ncode = \"/c\"\n[answer.codes]\n\"1\" = "
        "\"fine\"\n",
        "x.toml"
    );
    ASSERT_FALSE(profile.has_value());
    EXPECT_THAT(
        profile.error(),
        Contains(AllOf(HasSubstr("x.toml:7: answer.codes.1"), HasSubstr("\"fine\" is no class")))
    );
}

}  // namespace
