/** Charts as SVG text. Colours are custom properties of the page, so that the charts follow light and dark. */
import * as echarts from "echarts";
import { duration, megabytes } from "./amounts.ts";
import type { Report } from "./report.ts";

/** One bar; without a limit there is no shadow behind it. */
interface Bar {
  label: string;
  value: number;
  limit?: number;
  good: boolean;
  text: string;
}

/** The charts of the page. */
export interface Charts {
  sizes: string;
  ready: string;
  durations: string;
}

// ECharts computes with colours, so it gets plain ones that are replaced in its output.
const COLOURS = {
  "#010101": "--ink",
  "#020202": "--track",
  "#030303": "--good",
  "#040404": "--bad",
  "#050505": "--line",
} as const;
const [INK, TRACK, GOOD, BAD, LINE] = Object.keys(COLOURS) as [string, string, string, string, string];

const HALF_WIDTH = 560;
const FULL_WIDTH = 1120;
/** Generous: without a DOM, ECharts guesses how wide a text is. */
const LETTER_WIDTH = 7.2;
const BAR_HEIGHT = 38;
const MARGIN_HEIGHT = 50;

/** Draws all charts. */
export function drawCharts(report: Report): Charts {
  const sizes = report.images.map((image) => ({
    label: image.name,
    value: image.bytes / 1e6,
    limit: image.limitBytes / 1e6,
    good: image.bytes <= image.limitBytes,
    text: `${megabytes(image.bytes)} of ${megabytes(image.limitBytes)}`,
  }));
  const ready = report.images.flatMap((image) =>
    image.readyMs === null || image.limitReadyMs === null
      ? []
      : {
          label: image.name,
          value: image.readyMs,
          limit: image.limitReadyMs,
          good: image.readyMs <= image.limitReadyMs,
          text: `${duration(image.readyMs)} of ${duration(image.limitReadyMs)}`,
        },
  );
  const durations = report.checks.map((check) => ({
    label: `${check.id} ${check.name}`,
    value: check.durationMs / 1000,
    good: check.status === "pass",
    text: duration(check.durationMs),
  }));
  return {
    sizes: drawBars(sizes, "MB", false, HALF_WIDTH),
    ready: drawBars(ready, "ms", true, HALF_WIDTH),
    durations: drawBars(durations, "s", false, FULL_WIDTH),
  };
}

function drawBars(bars: readonly Bar[], unit: string, logarithmic: boolean, width: number): string {
  const chart = echarts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width,
    height: MARGIN_HEIGHT + BAR_HEIGHT * bars.length,
  });
  try {
    chart.setOption(optionsOf(bars, unit, logarithmic));
    return withPageColours(chart.renderToSVGString());
  } finally {
    // Without it ECharts keeps a timer, and the process does not end.
    chart.dispose();
  }
}

function optionsOf(bars: readonly Bar[], unit: string, logarithmic: boolean): echarts.EChartsCoreOption {
  const text = { color: INK, fontFamily: "system-ui, sans-serif", fontSize: 12 };
  const limits = bars.map((bar) => bar.limit ?? null);
  const value = (bar: Bar) => ({
    value: logarithmic ? Math.max(1, bar.value) : bar.value,
    itemStyle: { color: bar.good ? GOOD : BAD, borderRadius: 3 },
    label: { show: true, position: "insideLeft", formatter: "" },
  });
  return {
    animation: false,
    grid: {
      left: roomFor(bars.map((bar) => bar.label)),
      right: roomFor(bars.map((bar) => bar.text)),
      top: 8,
      bottom: 28,
    },
    xAxis: {
      type: logarithmic ? "log" : "value",
      ...(logarithmic && { min: 1 }),
      axisLabel: { ...text, formatter: `{value} ${unit}`, hideOverlap: true },
      splitLine: { lineStyle: { color: LINE } },
    },
    yAxis: [
      {
        type: "category",
        inverse: true,
        data: bars.map((bar) => bar.label),
        axisLabel: text,
        axisLine: { show: false },
        axisTick: { show: false },
      },
      {
        type: "category",
        inverse: true,
        position: "right",
        data: bars.map((bar) => bar.text),
        axisLabel: text,
        axisLine: { show: false },
        axisTick: { show: false },
      },
    ],
    series: [
      { type: "bar", data: limits, itemStyle: { color: TRACK, borderRadius: 3 }, barWidth: 18, silent: true },
      { type: "bar", data: bars.map(value), barWidth: 18, barGap: "-100%", z: 3 },
    ],
  };
}

function roomFor(labels: readonly string[]): number {
  return 12 + Math.max(0, ...labels.map((label) => label.length * LETTER_WIDTH));
}

function withPageColours(svg: string): string {
  return Object.entries(COLOURS).reduce(
    (text, [colour, property]) => text.replaceAll(colour, `var(${property})`),
    // The page's own background shows through, and the chart shrinks with its column.
    svg.replace(/width="\d+" height="\d+"/, `role="img"`),
  );
}
