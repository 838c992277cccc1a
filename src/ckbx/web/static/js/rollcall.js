// 点名: counts while it is filled in; what is sent is kept on this device until it has arrived.
// Without scripts the same form posts as any other.
'use strict';

(() => {
  const bar = document.getElementById('queue');
  const form = document.getElementById('roll-call');
  if (!bar) return;
  const account = bar.dataset.account;
  const PATIENCE = 10000;
  const EVERY = 15000;
  const KEPT_FOR = 7 * 24 * 3600 * 1000;
  const WORDS = { sick: '病假', personal: '事假', unexplained: '无故', unverified: '未核' };
  const KIND = { sick: 'leave', personal: 'leave', unexplained: 'unexplained', unverified: 'unverified' };
  let busy = false;
  let again = false;
  let signIn = false;
  let dirty = false; // marks were changed and not handed in
  let saving = Promise.resolve();
  let renewing = false; // the page was asked for anew

  // ------------------------------------------------------------ ids and days

  function newId() { // plain http has no crypto.randomUUID
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  // A page that came from the server just now says how far this device's clock is off; one
  // that was kept here (the worker takes the mark out) does not.
  if (bar.dataset.fresh) remember('ckbx-skew', String(Number(bar.dataset.now) - Date.now()));
  const skew = Number(recall('ckbx-skew') || 0);

  function local() { // the county's time to the minute, whatever the phone is set to
    const there = Date.now() + skew + Number(bar.dataset.offset) * 60000;
    return new Date(there).toISOString().slice(0, 16);
  }

  function remember(key, text) {
    try { localStorage.setItem(key, text); } catch (error) { /* private window */ }
  }

  function recall(key) {
    try { return localStorage.getItem(key); } catch (error) { return null; }
  }

  // ---------------------------------------------------------------- the queue

  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open('ckbx', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('roll-calls', { keyPath: 'command' });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('blocked'));
    });
  }

  async function within(mode, act) {
    const base = await open();
    try {
      return await new Promise((resolve, reject) => {
        const change = base.transaction('roll-calls', mode);
        const request = act(change.objectStore('roll-calls'));
        change.oncomplete = () => resolve(request && request.result);
        change.onerror = () => reject(change.error);
        change.onabort = () => reject(change.error);
      });
    } finally {
      base.close();
    }
  }

  const put = (entry) => within('readwrite', (store) => store.put(entry));
  const drop = (entry) => within('readwrite', (store) => store.delete(entry.command));
  const field = (entry, name) => (entry.fields.find(([n]) => n === name) || [])[1];

  // What is sent again before it has arrived takes the place of what waits for the same part
  // of the same day; had that arrived unheard, the server says so.
  async function replaceWaiting(next) {
    for (const entry of await all()) {
      const same = entry.account === next.account && entry.path === next.path && !entry.held
        && entry.day === next.day && field(entry, 'session') === field(next, 'session');
      if (same) await drop(entry);
    }
  }

  const all = () => within('readonly', (store) => store.getAll());

  // ------------------------------------------------------------------ sending

  async function send(entry) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(entry.path, {
        method: 'POST',
        body: new URLSearchParams(entry.fields),
        headers: { Accept: 'application/json', 'Idempotency-Key': entry.command },
        credentials: 'same-origin',
        redirect: 'manual',
        signal: stop.signal,
      });
      const told = (answer.headers.get('content-type') || '').startsWith('application/json')
        ? await answer.json() : {};
      return { status: answer.status, told };
    } catch (error) {
      return { status: 0, told: {} };
    } finally {
      clearTimeout(timer);
    }
  }

  async function flush() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      do {
        again = false;
        await round();
      } while (again);
    } finally {
      busy = false;
    }
  }

  async function round() {
    signIn = false;
    for (const entry of await all()) {
      if (entry.account !== account || entry.held) continue;
      if (Date.now() - entry.made > KEPT_FOR) {
        await drop(entry);
        note(`${entry.label} 的点名 7 天没有报上去，已从本机删除，请补报。`);
        continue;
      }
      const { status, told } = await send(entry);
      if (status === 200 && told.state === 'stored') {
        await drop(entry);
        arrived(entry, told);
      } else if (status === 401 || told.code === 'roll_call_of_another') {
        signIn = true;
        break;
      } else if (status === 409 || status === 422 || status === 403 || status === 404) {
        entry.held = told.said || (status === 403 || status === 404
          ? '这个班现在不由您点名，没有报上去。' : '没有报上去，请打开这一天的点名核对。');
        await put(entry);
        if (status === 409 && isHere(entry)) { // the page anew: it shows the other one beside
          await show();
          await anew();
          return;
        }
      } else {
        break; // no network, or the server is not well: later
      }
    }
    await show();
  }

  const isHere = (entry) => Boolean(form) && form.dataset.path === entry.path
    && form.dataset.day === entry.day;

  function arrived(entry, told) {
    const key = 'ckbx-arrived';
    const amended = entry.fields.some(([name, value]) => name === 'why' && value);
    sessionStorage.setItem(key, `${entry.label} ${amended ? '已更正' : '已上报'} ${told.at}`);
    if (isHere(entry)) anew();
  }

  async function anew() { // the page from the server, once nothing on it would be lost
    renewing = true;
    await saving.catch(() => {});
    if (dirty) {
      renewing = false;
      note('之后改动的还没有提交。');
      await show();
    } else {
      location.replace(location.href.split('#')[0]);
    }
  }

  // ------------------------------------------------------------------ the bar

  const notes = [];
  const note = (text) => notes.push(text);

  function line(text, kind = 'p') {
    const made = document.createElement(kind);
    made.textContent = text;
    bar.append(made);
    return made;
  }

  function button(text, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn';
    made.textContent = text;
    made.addEventListener('click', act);
    return made;
  }

  async function show() {
    let entries = [];
    try { entries = await all(); } catch (error) { return; }
    if (renewing) return; // what arrived is said on the page that comes, not on the one that goes
    bar.replaceChildren();
    const waiting = entries.filter((entry) => entry.account === account && !entry.held);
    const held = entries.filter((entry) => entry.account === account && entry.held);
    const others = entries.filter((entry) => entry.account !== account);
    const arrivedText = sessionStorage.getItem('ckbx-arrived');
    if (arrivedText && !waiting.length) line(arrivedText);
    bar.dataset.tone = arrivedText && !waiting.length && !held.length && !others.length ? 'green' : 'orange';
    if (waiting.length) {
      line(signIn ? `已保存在本机，${waiting.length} 条待上报。登录已过期，登录后自动发送。`
        : `已保存在本机，${waiting.length} 条待上报，联网后自动发送`);
      if (signIn) {
        const link = line('现在登录', 'a');
        link.href = `/signin?next=${encodeURIComponent(location.pathname + location.search)}`;
      }
    }
    for (const entry of held) heldLine(entry);
    for (const each of [...new Set(others.map((entry) => entry.account))]) {
      const count = others.filter((entry) => entry.account === each).length;
      line(`本机还有账号 ${each} 的 ${count} 条点名待上报，用那个账号登录后才会发送。`);
    }
    for (const text of notes) line(text);
    if (form && !window.isSecureContext) {
      line('当前网址不是 https：断网时请不要关闭或刷新本页，联网后自动发送。');
    }
    bar.hidden = !bar.textContent;
  }

  function heldLine(entry) {
    line(`${entry.label}：没有报上去。${entry.held}`);
    const here = isHere(entry);
    const list = document.createElement('ul');
    const mine = entry.fields.filter(([name]) => name === 'absent').map(([, id]) => id);
    for (const id of mine) {
      const row = here && form.querySelector(`[data-child="${id}"] bdi`);
      const reason = field(entry, `r-${id}`);
      const item = document.createElement('li');
      item.textContent = `${row ? row.textContent : '（请打开这一天的点名看姓名）'} ${WORDS[reason] || ''}`;
      list.append(item);
    }
    line(mine.length ? '我填的缺勤：' : '我填的：全到');
    if (mine.length && here) bar.append(list);
    const choice = document.createElement('div');
    choice.className = 'rc-choice';
    if (here) {
      choice.append(button('填入我的，改好再提交', async () => { fill(entry); await drop(entry); await show(); }));
    } else {
      const link = document.createElement('a');
      link.className = 'btn';
      link.href = `${entry.path}?day=${entry.day}`;
      link.textContent = '打开这一天的点名';
      choice.append(link);
    }
    choice.append(button('不要我填的这份', async () => { await drop(entry); await show(); }));
    bar.append(choice);
  }

  function fill(entry) {
    const chosen = (name, value) => entry.fields.some(([n, v]) => n === name && v === value);
    for (const box of form.querySelectorAll('input[type=checkbox], input[type=radio]')) {
      if (box.type === 'radio' && !entry.fields.some(([n]) => n === box.name)) continue;
      box.checked = chosen(box.name, box.value);
    }
    for (const name of ['extra', 'why']) {
      const into = form.elements[name];
      const said = field(entry, name);
      if (into && said) into.value = said;
    }
    count();
    const why = form.elements.why;
    if (why) why.focus();
  }

  // ----------------------------------------------------------------- the form

  function count() {
    const extra = Number(form.elements.extra && form.elements.extra.value) || 0;
    const gone = form.querySelectorAll('input[name=absent]:checked');
    const expected = Number(form.dataset.roll) + extra;
    document.getElementById('expected').textContent = expected;
    const of = { unexplained: 0, leave: 0, unverified: 0 };
    for (const box of gone) {
      const reason = form.querySelector(`input[name="r-${box.value}"]:checked`);
      of[KIND[reason ? reason.value : 'unverified']] += 1;
    }
    const all = form.elements.seen_all && form.elements.seen_all.checked;
    const left = [...form.querySelectorAll('.rc-named .rc-pupil')].filter((each) => !all
      && !each.querySelector('input[name=seen]').checked && !each.querySelector('input[name=absent]').checked);
    document.getElementById('present').textContent = expected - gone.length - left.length;
    document.getElementById('absent').textContent = of.unexplained;
    document.getElementById('on-leave').textContent = of.leave;
    document.getElementById('unverified').textContent = of.unverified + left.length;
    const unsure = document.getElementById('unsure');
    if (!unsure) return;
    unsure.hidden = !left.length;
    unsure.querySelector('b').textContent = left.length;
  }

  function newDay() { // a page open since yesterday: its list serves for today, under a new id
    const today = local().slice(0, 10);
    const old = form.dataset.day === form.dataset.today && form.dataset.today < today;
    if (!old || form.dataset.stands) return;
    form.elements.day.value = form.elements.made.value = form.dataset.day = form.dataset.today = today;
    form.elements.command.value = newId();
    form.dataset.label = `${Number(today.slice(5, 7))}月${Number(today.slice(8))}日 ${form.dataset.class}`;
    form.elements.mark.value = '';
    note(`现在是 ${today}：本页已换成今天的点名。`);
    show();
  }

  async function submitted(event) {
    event.preventDefault();
    notes.length = 0;
    newDay();
    form.elements.taken_at.value = local();
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
    const entry = {
      command: form.elements.command.value,
      account,
      path: form.dataset.path,
      day: form.elements.day.value,
      label: form.dataset.label,
      fields,
      made: Date.now(),
    };
    try {
      dirty = false;
      saving = replaceWaiting(entry).then(() => put(entry));
      await saving;
    } catch (error) { // nothing can be kept here (private window): as without scripts
      form.submit();
      return;
    }
    form.elements.command.value = newId(); // what is changed after this is another command
    sessionStorage.removeItem('ckbx-arrived');
    await show();
    bar.scrollIntoView({ block: 'nearest' });
    await flush();
  }

  if (form) {
    form.addEventListener('change', () => { dirty = true; count(); });
    form.addEventListener('input', count);
    form.addEventListener('submit', submitted);
    count();
  }

  // ------------------------------------------------------------------- begins

  window.addEventListener('online', flush);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    if (form) newDay();
    flush();
  });
  setInterval(flush, EVERY);
  show().then(flush);

  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.register('/sw.js', { scope: '/' }).then(() => navigator.serviceWorker.ready).then((ready) => {
      const files = [...document.querySelectorAll('link[rel=stylesheet], link[rel=icon], script[src]')]
        .map((each) => each.href || each.src);
      ready.active.postMessage({ keep: [...files, location.href.split('#')[0]], account });
    }).catch(() => {});
  }
})();
