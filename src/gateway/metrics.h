// Metrics: counters, gauges and histograms, shown at /metrics in Prometheus's text format.
//
// One per process, made by app/. A part asks once for its instrument and keeps the reference,
// which lives as long as the Metrics. Instruments are relaxed atomics: any thread. Registering and
// Text() lock. Names follow Prometheus: paddock_http_requests_total.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::gateway {

class Counter {
 public:
  void Add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Add(std::int64_t n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void Set(std::int64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Cumulative buckets with upper bounds in seconds.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void Observe(double seconds) noexcept;

 private:
  friend class Metrics;
  std::vector<double> bounds_;
  std::vector<Counter> buckets_;  // one more than bounds: +Inf
  std::atomic<std::uint64_t> sum_nanoseconds_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels give the same instrument. One name has one kind and one help text.
  [[nodiscard]] Counter& GetCounter(std::string name, std::string help, Labels labels = {});
  [[nodiscard]] Gauge& GetGauge(std::string name, std::string help, Labels labels = {});
  /// Default bounds: 50 us, as what needs no waiting takes, to 30 s.
  [[nodiscard]] Histogram& GetHistogram(std::string name, std::string help, Labels labels = {});
  /// A value that is asked for when the page is made, on the loop thread.
  void AddProbe(std::string name, std::string help, std::function<double()> probe);

  [[nodiscard]] std::string Text() const;

 private:
  struct Family;
  Family& FamilyOf(std::string name, std::string help, std::string_view type);
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;
};

}  // namespace paddock::gateway
