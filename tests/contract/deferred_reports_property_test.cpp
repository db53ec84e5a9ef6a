// Whatever the order and number of reports, and whatever is applied in between.
#include "tests/support/far_apart.hpp"
#include "tests/support/property.hpp"

namespace {

using config::ReportState;
using testing_support::FarApart;
using testing_support::Told;

TEST(DeferredReportsProperty, lead_to_the_states_that_the_same_reports_lead_to_one_by_one) {
    property::check_few("reports together and one by one", [] {
        FarApart one_by_one, together;
        std::vector<Told> crowd;
        const auto steps = *rc::gen::inRange(12, 60);
        for (int i = 0; i < steps; ++i) {
            const Told report{*rc::gen::inRange(0, 6), static_cast<ReportState>(*rc::gen::inRange(0, 4))};
            one_by_one.report_alone(report);
            crowd.push_back(report);
            if (*rc::gen::inRange(0, 20) > 0) continue;
            together.report_together(std::exchange(crowd, {}));
            if (*rc::gen::arbitrary<bool>()) together.apply(*rc::gen::arbitrary<bool>());
        }
        together.report_together(crowd);
        together.apply();
        RC_ASSERT(one_by_one.outcomes() == together.outcomes());
        RC_ASSERT(together.recount_agrees());
    });
}

}  // namespace
