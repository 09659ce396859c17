/** Style sheet of report.html, light and dark. */
export const PAGE_STYLE = `
:root { --ink: #1d2430; --soft: #5b6472; --paper: #f6f7f9; --card: #ffffff; --line: #e2e6ec; --track: #e4e8ee;
  --good: #1f8a4c; --bad: #c8362b; --good-soft: #e3f4ea; --bad-soft: #fbe6e4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b2; --paper: #12151b; --card: #1a1f27;
  --line: #2b323d; --track: #2f3743; --good: #4cc27e; --bad: #ff7468; --good-soft: #17352a; --bad-soft: #43211f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header { padding: 32px max(24px, calc(50vw - 560px)) 24px; background: var(--card); border-bottom: 1px solid var(--line);
  border-top: 5px solid var(--good); }
header.fail { border-top-color: var(--bad); }
.kicker { margin: 0; color: var(--soft); letter-spacing: .04em; }
h1 { margin: 2px 0 16px; font-size: 30px; line-height: 1.2; }
h2 { margin: 0 0 12px; font-size: 18px; }
dl { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 0; }
dt { color: var(--soft); font-size: 12px; }
dd { margin: 0; }
main { max-width: 1168px; margin: 0 auto; padding: 24px; display: grid; gap: 24px;
  grid-template-columns: minmax(0, 1fr); }
section, figure, .note { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin: 0; }
.note { color: var(--soft); }
details { border-top: 1px solid var(--line); }
details:first-of-type { border-top: 0; }
summary { display: flex; gap: 10px; align-items: center; padding: 10px 4px; cursor: pointer; }
summary::before { content: "▸"; color: var(--soft); width: 12px; }
details[open] > summary::before { content: "▾"; }
summary:focus-visible { outline: 2px solid var(--good); border-radius: 6px; }
.badge { flex: none; width: 44px; padding: 1px 0; border-radius: 999px; text-align: center; font-size: 12px; font-weight: 600;
  background: var(--good-soft); color: var(--good); }
.fail .badge { background: var(--bad-soft); color: var(--bad); }
.time { margin-left: auto; color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
details ul { margin: 0 0 14px; padding-left: 78px; color: var(--soft); }
.reason { margin: 0 0 8px 64px; padding: 8px 12px; border-radius: 6px; background: var(--bad-soft); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 8px 12px 8px 0; text-align: left; border-top: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.n + td:not(.n), .n + th:not(.n) { padding-left: 20px; }
td code { color: var(--soft); font-size: 12px; }
.ref { min-width: 480px; }
.ref code { font-size: 11px; }
.words td { white-space: normal; min-width: 56px; }
.over { color: var(--bad); font-weight: 600; }
h3 { margin: 20px 0 4px; font-size: 15px; }
.layers summary b { width: 124px; flex: none; white-space: nowrap; }
.layers .time { width: 150px; flex: none; text-align: right; }
.strip { display: flex; flex: 1; gap: 2px; height: 14px; min-width: 60px; }
.strip i { flex: 1 1 2px; background: var(--good); opacity: .55; border-radius: 2px; }
.strip i:nth-child(even) { opacity: .85; }
.files { display: grid; grid-template-columns: minmax(90px, max-content) 1fr; gap: 8px 20px; }
.files dt { font-size: 13px; padding-top: 2px; overflow-wrap: anywhere; }
.files a { color: inherit; margin-right: 10px; text-underline-offset: 3px; text-decoration-color: var(--soft); overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 24px;
  padding: 0; border: 0; background: none; }
.charts .wide { grid-column: 1 / -1; }
figcaption { color: var(--soft); margin-bottom: 8px; }
figure svg { width: 100%; height: auto; display: block; }
@media (max-width: 640px) { .files { grid-template-columns: 1fr; gap: 2px; } .files dd { margin-bottom: 10px; }
  .layers .strip { display: none; } figure { overflow-x: auto; } figure svg { min-width: 480px; }
  .wide svg { min-width: 760px; } .words td { white-space: nowrap; } }
`;
