// Battlemap: draws charts from the tables beside them. A page without this file shows the tables.
//   figure[data-chart="bars|stack|lines"]   the figure; its <table> is the source of every name and number
//     th[data-series="bar|frame|line|dashes"]   a column that is drawn; data-tone names a colour token, data-goal draws a goal with data-goal-text
//     td[data-v]                               the plain number of a cell; an empty one is a gap
//     table[data-by="rows"]                    the rows are drawn instead, tr[data-series] as above; tr[data-axis="2"] against the axis on the right
//     data-title, data-label, data-unit        the heading of a picture, the drawing in words, the unit of the axis
//     data-file                                the name of a picture without its ending
'use strict';
(() => {
  if (!window.echarts) return;
  const drawn = new Map(); // figure to its drawing
  const root = document.documentElement;
  const words = document.getElementById('chart-tools');

  // colour reads a token as rgb: the drawing library does not know oklch.
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (token) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = getComputedStyle(root).getPropertyValue('--' + token).trim() || '#888';
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    return 'rgb(' + r + ',' + g + ',' + b + ')';
  };

  const number = (cell) => {
    const text = (cell.dataset.v ?? cell.textContent).replaceAll(',', '').replace('−', '-').trim();
    return text === '' || Number.isNaN(Number(text)) ? null : Number(text);
  };

  // series of a column or a row: its name, how it is drawn, and its numbers.
  const part = (head, cells) => ({
    name: head.textContent.trim(), draw: head.dataset.series || head.parentElement.dataset.series, tone: head.dataset.tone || head.parentElement.dataset.tone || 'accent',
    goal: head.dataset.goal, goalText: head.dataset.goalText || '', axis: (head.dataset.axis || head.parentElement.dataset.axis) === '2' ? 1 : 0, values: cells.map(number),
  });

  const read = (figure) => {
    const table = figure.querySelector('table');
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    if (table.dataset.by === 'rows') {
      return {
        names: heads.slice(1).map((h) => h.textContent.trim()),
        parts: rows.filter((r) => r.dataset.series).map((r) => part(r.cells[0], [...r.cells].slice(1))),
      };
    }
    return {
      names: rows.map((r) => r.cells[0].textContent.trim()),
      parts: heads.map((h, i) => h.dataset.series ? part(h, rows.map((r) => r.cells[i])) : null).filter(Boolean),
    };
  };

  // Patterns tell series apart where colours do not.
  const decals = (ink) => [
    { symbol: 'none' },
    { color: ink, dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: Math.PI / 4 },
    { color: ink, symbol: 'circle', dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.5 },
    { color: ink, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
    { color: ink, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
    { color: ink, symbol: 'triangle', dashArrayX: [[9, 9], [0, 9, 9, 0]], dashArrayY: [7, 2], symbolSize: 0.6 },
  ];

  const lineOf = (p, i) => ({
    name: p.name, type: 'line', yAxisIndex: p.axis, data: p.values, symbol: ['circle', 'rect', 'triangle', 'diamond'][i % 4], symbolSize: 6, connectNulls: false, z: 5,
    lineStyle: { color: colour(p.tone), width: 2, type: p.draw === 'dashes' ? 'dashed' : 'solid' }, itemStyle: { color: colour(p.tone) },
  });

  const barOf = (p, i, stack, decal, lies) => {
    const frame = p.draw === 'frame';
    return {
      name: p.name, type: 'bar', ...(lies ? {} : { yAxisIndex: p.axis }), data: stack ? p.values.map((v) => v || null) : p.values, stack: stack ? 'all' : undefined, barMaxWidth: 36, barGap: '12%', z: frame ? 4 : 2,
      itemStyle: frame
        ? { color: 'transparent', borderColor: colour(p.tone), borderWidth: 1.5, decal: { symbol: 'none' } }
        : { color: colour(p.tone), borderColor: colour('surface'), borderWidth: stack ? 1 : 0, decal: decal[i % decal.length] },
      markLine: p.goal ? {
        silent: true, symbol: 'none', data: [{ [lies ? 'xAxis' : 'yAxis']: Number(p.goal), name: p.goalText }], label: { show: false },
        lineStyle: { color: colour(p.tone), type: 'dashed', width: 1.5 },
      } : undefined,
    };
  };

  // across tells that names have no room below their bars: then the bars lie, and the names stand beside them in full.
  const across = (figure, names, parts, wide) => figure.dataset.chart === 'bars' && !parts.some((p) => p.axis || p.draw === 'line' || p.draw === 'dashes') &&
    Math.max(...names.map((n) => n.length)) * 13 > 2 * (wide - 80) / names.length;

  const option = (figure, picture) => {
    const { names, parts } = read(figure);
    const stack = figure.dataset.chart === 'stack';
    const ink = colour('ink-2'), line = colour('line'), decal = decals(colour('surface'));
    const used = parts.filter((p) => !stack || p.values.some((v) => v)); // a light that nobody showed has no place in the legend
    const frame = used.some((p) => p.draw === 'frame');
    const text = { color: ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: picture ? 14 : 12 };
    const axis = (name, plain) => ({ type: 'value', name, nameTextStyle: { ...text, align: 'left' }, nameGap: 12, minInterval: stack ? 1 : 0, axisLabel: text, splitLine: { show: plain, lineStyle: { color: line } } });
    const wide = picture ? 1200 : figure.clientWidth || 600;
    const two = used.some((p) => p.axis);
    const lies = across(figure, names, used, wide);
    if (!picture) { figure.classList.toggle('is-across', lies); figure.classList.toggle('is-many', lies && used.length > 2); }
    const amounts = two ? [axis(figure.dataset.unit, true), axis(figure.dataset.unit, false)] : axis(figure.dataset.unit, true);
    const named = { type: 'category', data: names, axisLabel: { ...text, ...labels(names, wide, stack, lies) }, axisLine: { lineStyle: { color: colour('line-strong') } }, axisTick: { show: false } };
    return {
      animation: false,
      aria: { enabled: true, label: { enabled: false } },
      textStyle: text,
      backgroundColor: picture ? colour('surface') : 'transparent',
      title: { show: picture, text: figure.dataset.title, left: 12, top: 10, textStyle: { ...text, color: colour('ink'), fontSize: 18 } },
      legend: { top: picture ? 48 : 0, formatter: (name) => legendOf(used.find((p) => p.name === name)), left: 0, right: 0, type: 'plain', textStyle: text, itemWidth: 18, itemHeight: 12, inactiveColor: line, data: used.map((p) => p.name) },
      grid: { left: 8, right: 14, bottom: 4, top: (picture ? 78 : lies ? 8 : 30) + 24 * Math.ceil(legendWidth(used) / (wide - 40)), containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow' }, confine: true, backgroundColor: colour('surface'), borderColor: line, textStyle: { ...text, color: colour('ink') } },
      xAxis: lies ? { ...amounts, name: '', axisLabel: { ...text, hideOverlap: true, formatter: figure.dataset.unit === '%' ? '{value}%' : undefined } } : named,
      yAxis: lies ? { ...named, inverse: true } : amounts,
      series: used.map((p, i) => {
        if (p.draw === 'line' || p.draw === 'dashes') return lineOf(p, i);
        const bar = barOf(p, i, stack, decal, lies);
        if (frame) { bar.barGap = '-100%'; bar.barMaxWidth = 44; }
        return bar;
      }),
    };
  };

  const legendOf = (p) => p.goal ? p.name + ' · ' + p.goalText : p.name;
  const legendWidth = (parts) => parts.reduce((sum, p) => sum + 34 + textWidth(legendOf(p)), 0);
  const textWidth = (words) => [...words].reduce((sum, c) => sum + (c > '\u2e7f' ? 12 : 7), 0);
  // labels says every name of a group, in two lines where one has no room; of many days only some.
  const labels = (names, wide, stack, lies) => {
    if (stack && names.length > 8) return { hideOverlap: true, interval: 'auto' };
    if (lies) return { interval: 0, width: Math.min(150, wide / 3), overflow: 'break' };
    return { interval: 0, width: Math.floor((wide - 80) / names.length) - 6, overflow: 'break' };
  };

  const draw = (figure) => {
    if (!figure.querySelector('table')) return;
    const canvas = document.createElement('div');
    canvas.className = 'chart-canvas';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', figure.dataset.label || figure.dataset.title);
    figure.querySelector('.chart-table').before(canvas);
    figure.classList.add('is-drawn');
    const chart = echarts.init(canvas, null, { renderer: 'canvas' });
    chart.setOption(option(figure, false));
    drawn.set(figure, chart);
    new ResizeObserver(() => {
      if (!canvas.clientWidth) return;
      chart.resize();
      chart.setOption(option(figure, false));
    }).observe(canvas);
    tools(figure);
  };

  // tools puts the buttons beside the title, before the link to the file.
  const tools = (figure) => {
    const place = figure.querySelector('.chart-do');
    if (!place || !words) return;
    place.prepend(words.content.cloneNode(true));
    const toggle = place.querySelector('[data-chart-switch]');
    toggle.addEventListener('click', () => {
      const table = figure.classList.toggle('shows-table');
      toggle.setAttribute('aria-pressed', String(table));
      scrolls(figure, table);
      if (!table) drawn.get(figure).resize();
    });
    place.querySelector('[data-chart-png]').addEventListener('click', () => picture(figure));
    scrolls(figure, false);
  };

  // A table that is shown may be wider than its place: then the keyboard must reach it.
  const scrolls = (figure, shown) => {
    const box = figure.querySelector('.chart-table');
    if (figure.classList.contains('chart-months')) return;
    if (shown) { box.tabIndex = 0; box.setAttribute('role', 'region'); box.setAttribute('aria-label', figure.dataset.title); } else { box.removeAttribute('tabindex'); box.removeAttribute('role'); box.removeAttribute('aria-label'); }
  };

  // picture draws the chart once more, larger and with its title, and hands it over as a file.
  const picture = (figure) => {
    const away = echarts.init(document.createElement('div'), null, { renderer: 'canvas', width: 1200, height: 640, devicePixelRatio: 2 });
    away.setOption(option(figure, true));
    away.renderToCanvas({ pixelRatio: 2, backgroundColor: colour('surface') }).toBlob((blob) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = (figure.dataset.file || 'chart') + '.png';
      link.click();
      figure.dispatchEvent(new CustomEvent('chart-picture', { bubbles: true, detail: { name: link.download, bytes: blob.size } }));
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      away.dispose();
    }, 'image/png');
  };

  const again = () => { for (const [figure, chart] of drawn) chart.setOption(option(figure, false), true); };
  new MutationObserver(again).observe(root, { attributes: true, attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  for (const figure of document.querySelectorAll('figure[data-chart]')) draw(figure);
})();
