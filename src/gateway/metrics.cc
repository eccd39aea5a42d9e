#include "gateway/metrics.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace paddock::gateway {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
const std::vector<double> kDefaultBounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                         0.005,   0.01,   0.025,   0.05,   0.1,   0.25,
                                         0.5,     1,      2.5,     5,      10,    30};

/// {method="GET",le="0.5"}; values escaped as the format asks.
std::string LabelText(const Labels& labels, std::string_view le = {}) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text += text.empty() ? "{" : ",";
    text += name;
    text += "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"' || c == '\n') {
        text += '\\';
      }
      text += c == '\n' ? 'n' : c;
    }
    text += '"';
  };
  for (const auto& [name, value] : labels) {
    add(name, value);
  }
  if (!le.empty()) {
    add("le", le);
  }
  return text.empty() ? text : text + "}";
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

void Histogram::Observe(double seconds) noexcept {
  const auto bucket = std::ranges::lower_bound(bounds_, seconds) - bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].Add();
  sum_nanoseconds_.fetch_add(static_cast<std::uint64_t>(seconds * kNanosecondsPerSecond),
                             std::memory_order_relaxed);
}

struct Metrics::Family {
  std::string help;
  std::string type;
  std::map<Labels, std::unique_ptr<Counter>> counters;
  std::map<Labels, std::unique_ptr<Gauge>> gauges;
  std::map<Labels, std::unique_ptr<Histogram>> histograms;
  std::function<double()> probe;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::FamilyOf(std::string name, std::string help, std::string_view type) {
  std::unique_ptr<Family>& family = families_[std::move(name)];
  if (family == nullptr) {
    family = std::make_unique<Family>();
    family->help = std::move(help);
    family->type = type;
  }
  PADDOCK_CHECK(family->type == type);
  return *family;
}

Counter& Metrics::GetCounter(std::string name, std::string help, Labels labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot = FamilyOf(std::move(name), std::move(help), "counter").counters[std::move(labels)];
  if (slot == nullptr) {
    slot = std::make_unique<Counter>();
  }
  return *slot;
}

Gauge& Metrics::GetGauge(std::string name, std::string help, Labels labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot = FamilyOf(std::move(name), std::move(help), "gauge").gauges[std::move(labels)];
  if (slot == nullptr) {
    slot = std::make_unique<Gauge>();
  }
  return *slot;
}

Histogram& Metrics::GetHistogram(std::string name, std::string help, Labels labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot =
      FamilyOf(std::move(name), std::move(help), "histogram").histograms[std::move(labels)];
  if (slot == nullptr) {
    slot = std::make_unique<Histogram>(kDefaultBounds);
  }
  return *slot;
}

void Metrics::AddProbe(std::string name, std::string help, std::function<double()> probe) {
  const std::scoped_lock lock(mutex_);
  FamilyOf(std::move(name), std::move(help), "gauge").probe = std::move(probe);
}

std::string Metrics::Text() const {
  const std::scoped_lock lock(mutex_);
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& labels, auto value) {
    text += fmt::format("{}{} {}\n", name, labels, value);
  };
  for (const auto& [name, family] : families_) {
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family->help, name, family->type);
    for (const auto& [labels, counter] : family->counters) {
      line(name, LabelText(labels), counter->value());
    }
    for (const auto& [labels, gauge] : family->gauges) {
      line(name, LabelText(labels), gauge->value());
    }
    if (family->probe) {
      line(name, "", family->probe());
    }
    for (const auto& [labels, histogram] : family->histograms) {
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < histogram->buckets_.size(); ++i) {
        count += histogram->buckets_[i].value();
        const std::string le =
            i < histogram->bounds_.size() ? fmt::format("{}", histogram->bounds_[i]) : "+Inf";
        line(name + "_bucket", LabelText(labels, le), count);
      }
      const auto sum = histogram->sum_nanoseconds_.load(std::memory_order_relaxed);
      line(name + "_sum", LabelText(labels), static_cast<double>(sum) / kNanosecondsPerSecond);
      line(name + "_count", LabelText(labels), count);
    }
  }
  return text;
}

}  // namespace paddock::gateway
