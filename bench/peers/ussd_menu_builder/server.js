// The four steps of a stock report on ussd-menu-builder, with sessions in Redis: node server.js SOCKET
// A menu for each request: one that is shared answers a caller with another caller's screen. Plain http and
// URLSearchParams, since express would only cost it time.
'use strict';
const http = require('node:http');
const { createClient } = require('redis');
const UssdMenu = require('ussd-menu-builder');

const SESSION_SECONDS = 180;
const store = createClient({ socket: { path: process.argv[2] } });

function sessions() {
  const key = (id) => `session:${id}`;
  return {
    start: (id) => Promise.all([store.hSetNX(key(id), 'began', String(Date.now())), store.expire(key(id), SESSION_SECONDS)]),
    get: (id, name) => store.hGet(key(id), name),
    set: (id, name, value) => store.hSet(key(id), name, value),
    end: (id) => store.del(key(id)),
  };
}

function stockMenu() {
  const menu = new UssdMenu();
  menu.sessionConfig(sessions());
  menu.startState({
    run: () => menu.con('Kunnafoni. Choisissez :\n1 Ma journee\n2 Stock'),
    next: { 2: 'receipt' },
  });
  menu.state('receipt', {
    run: () => menu.con('Avez-vous recu des produits ?\n1 Oui\n2 Non'),
    next: { '*^[12]$': 'quantity' },
  });
  menu.state('quantity', {
    run: async () => {
      await menu.session.set('receipt', menu.val);
      menu.con('SRO : combien en reste-t-il (sachet) ?');
    },
    next: { '*^\\d{1,4}$': 'keep' },
  });
  menu.state('keep', {
    run: async () => {
      const quantity = menu.val;
      const receipt = await menu.session.get('receipt');
      await store.xAdd('reports', '*', { msisdn: menu.args.phoneNumber, product: 'SRO', quantity, receipt });
      menu.end(`Stock enregistre : SRO ${quantity}. Merci.`);
    },
  });
  return menu;
}

function answer(request, response) {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', async () => {
    const menu = stockMenu();
    menu.on('error', (error) => { throw error; });
    const shown = await menu.run(Object.fromEntries(new URLSearchParams(body)));
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(shown) });
    response.end(shown);
  });
}

async function serve() {
  await store.connect();
  const server = http.createServer(answer);
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}

serve();
