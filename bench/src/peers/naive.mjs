/**
 * The way most would begin: NestJS, TypeORM repositories, a status column, one transaction. It writes the same three things as
 * everybody else (the order, what happened to it, what is to be done), and has neither authentication nor idempotency keys.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Body, Controller, HttpCode, Inject, Module, Param, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IsString, MaxLength } from 'class-validator';
import { DataSource, EntitySchema } from 'typeorm';
import { orderOf, STATES } from '../product/order.mjs';
import { answer } from '../rpc.mjs';

const id = { type: 'bigint', primary: true, generated: 'increment' };
const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  columns: {
    id: { type: 'int', primary: true },
    status: { type: 'text' },
    data: { type: 'jsonb' },
    advances: { type: 'int' },
    note: { type: 'text' },
    updatedAt: { type: 'timestamptz', updateDate: true },
  },
});
const Happened = new EntitySchema({
  name: 'Happened',
  tableName: 'order_history',
  columns: {
    id,
    orderId: { type: 'int' },
    from: { type: 'text' },
    to: { type: 'text' },
    note: { type: 'text' },
    at: { type: 'timestamptz', createDate: true },
  },
  indices: [{ columns: ['orderId', 'id'] }],
});
const Message = new EntitySchema({
  name: 'Message',
  tableName: 'order_messages',
  columns: {
    id,
    orderId: { type: 'int' },
    template: { type: 'text' },
    at: { type: 'timestamptz', createDate: true },
  },
});

class Advance {}
IsString()(Advance.prototype, 'note');
MaxLength(200)(Advance.prototype, 'note');

class OrdersController {
  constructor(source) {
    this.source = source;
  }

  advance(id, { note }) {
    return this.source.transaction(async (manager) => {
      const order = await manager
        .getRepository(Order)
        .findOneOrFail({ where: { id: Number(id) }, lock: { mode: 'pessimistic_write' } });
      const from = order.status;
      order.status = STATES[(STATES.indexOf(from) + 1) % STATES.length];
      order.advances += 1;
      order.note = note;
      await manager.getRepository(Order).save(order);
      await manager.getRepository(Happened).save({ orderId: order.id, from, to: order.status, note });
      await manager.getRepository(Message).save({ orderId: order.id, template: `order.${order.status}` });
      return { id: order.id, status: order.status, advances: order.advances };
    });
  }
}
Controller('orders')(OrdersController);
Inject(DataSource)(OrdersController, undefined, 0);
const advance = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'advance');
Post(':id/advance')(OrdersController.prototype, 'advance', advance);
HttpCode(200)(OrdersController.prototype, 'advance', advance);
Param('id')(OrdersController.prototype, 'advance', 0);
Body()(OrdersController.prototype, 'advance', 1);
Reflect.defineMetadata('design:paramtypes', [String, Advance], OrdersController.prototype, 'advance');

const source = new DataSource({
  type: 'postgres',
  driver: createRequire(import.meta.url)('pg'),
  url: process.env.PEER_URL,
  entities: [Order, Happened, Message],
  synchronize: true,
  installExtensions: false,
});

class OrdersModule {}
Module({ controllers: [OrdersController], providers: [{ provide: DataSource, useValue: source }] })(OrdersModule);

answer({
  listen: async (count) => {
    await source.initialize();
    await source.query(
      `insert into orders (id, status, data, advances, note) select n, 'PLACED', $1::jsonb, 0, '' from generate_series(1, $2::int) n`,
      [JSON.stringify(orderOf('order_1')), count],
    );
    const app = await NestFactory.create(OrdersModule, new FastifyAdapter(), { logger: false });
    app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },
});
